import type { LesionComparison, LesionPairRow, LesionSelectivity } from '@galvani/artifact';
import { lesionMatrix } from '../figures/lesion-matrix.js';
import { type LesionSet, lesionSentences, lesionSets, lesionWords } from '../findings/lesion.js';
import { hasNoRest } from '../findings/off-blocks.js';
import { above, below, divergingName } from '../page/colour.js';
import { absent, figure } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { colourScale } from '../page/scale.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, decimal, percent, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** What becomes of predictions without networks; nothing where the stage has not finished. */
export function lesionSection(results: StudyResults): Markup | undefined {
  if (!results.lesion?.matrix) return undefined;
  const sets = lesionSets(results);
  if (sets.length === 0)
    return section(
      'lesion',
      'Lesions',
      absent('No network has units that could be lesioned, or no topic has texts that no run presents.'),
    );
  return section(
    'lesion',
    'Lesions',
    html`<p>${lesionSentences(results).join(' ')} No run presents these texts.</p>`,
    ...sets.flatMap((set, k) => [
      ...(set.matrix.length > 0 ? [matrixFigure(set, k, results)] : []),
      ...(set.doses.length > 0 ? [selectivityTable(set), comparisonTable(set)] : []),
      ...(set.pairs.length > 0 ? [pairTable(set)] : []),
    ]),
  );
}

function matrixFigure(set: LesionSet, k: number, results: StudyResults): Markup {
  const { controls } = set.matrix[0];
  const largest = Math.max(0, ...set.matrix.map(({ change }) => Math.abs(change)));
  const texts = Math.max(...set.matrix.map((row) => row.texts));
  return figure({
    id: `lesion-matrix-${k + 1}`,
    title: `Lesions: ${lesionWords(set)}`,
    leastWidth: 520,
    drawing: html`${lesionMatrix(set.matrix, results.tasks, hasNoRest(results) ? [] : undefined)}${colourScale({ ticks: [decimal(-largest, 3), '0', decimal(largest, 3)], colours: [below, 'transparent', above], opacity: 0.7, of: `change of loss, nats a token; ${divergingName}` })}`,
    shows: html`How much worse the model predicts texts of each topic (rows, ${count(texts)} texts each at most) without the network of each task (columns): mean change of the negative log probability, in nats a token. In brackets the same for ${count(controls)} sets of control units, as many in each site and matched in mean and spread over off blocks; bold where the network’s is beyond theirs, corrected over the matrix. Missing columns are networks without members there, missing rows topics without unseen texts.`,
    imaging:
      'A lesion study: what a region is needed for, which activity alone does not say. Controls are lesions of the same size elsewhere.',
    interpretability:
      'Ablation beside ablations that are matched in number and size of activity, since units differ a hundredfold in how much they move what comes after them.',
  });
}

function selectivityTable(set: LesionSet): Markup {
  return table(
    html`Own topic’s change of loss beside the mean of the other topics’ (random strings are none of them, since whatever makes a model less sure lowers their loss), with its 95% interval over texts. p: share of the controls’ lesions that are as selective, corrected over networks. Imbalance: how far controls are from the network in mean and in the logarithm of spread over off blocks, in standard deviations; beyond .1 they are matched badly.`,
    [
      { heading: 'network', cell: (r: LesionSelectivity) => taskName(r.network), text: true },
      { heading: 'dose', cell: (r) => percent(r.dose) },
      { heading: 'units', cell: (r) => count(r.units) },
      { heading: 'own topic', cell: (r) => decimal(r.own, 3) },
      { heading: 'others', cell: (r) => decimal(r.others, 3) },
      { heading: 'difference', cell: (r) => decimal(r.selectivity, 3) },
      { heading: '95% interval', cell: (r) => `${decimal(r.lower, 3)} to ${decimal(r.upper, 3)}` },
      { heading: 'controls', cell: (r) => `${decimal(r.control_selectivity, 3)} (sd ${decimal(r.control_spread, 3)})` },
      { heading: 'p over networks', cell: (r) => probability(r.p_over_networks) },
      { heading: 'imbalance', cell: (r) => `${decimal(r.mean_imbalance)}, ${decimal(r.spread_imbalance)}` },
    ],
    [...set.doses].sort((a, b) => a.network.localeCompare(b.network) || a.dose - b.dose),
  );
}

const against: Record<string, string> = {
  matched: 'matched units',
  random: 'any units',
  bottom: 'units with least t',
  twin: 'largest t in the twin',
};

function comparisonTable({ selectivity, comparisons }: LesionSet): Markup {
  const find = (network: string, sort: string) =>
    comparisons.find((row) => row.network === network && row.against === sort);
  const difference = (row: LesionComparison | undefined) => {
    if (!row) return '–';
    const sd = row.draws > 1 ? ` (sd ${decimal(row.spread, 3)})` : '';
    return html`${decimal(row.selectivity, 3)}${sd}`;
  };
  const sorts = Object.keys(against).filter((sort) => comparisons.some((row) => row.against === sort));
  return table(
    html`The same difference where other units are lesioned, as many in each site; the change of the own topic alone is in comparisons.parquet. Any units and units with least t are what the literature compares with; they are farther from the network in activity (imbalance in mean and spread in brackets under p), so that they say less. p: share of sets that are as selective.`,
    [
      { heading: 'network', cell: (r: LesionSelectivity) => taskName(r.network), text: true },
      { heading: 'itself', cell: (r) => decimal(r.selectivity, 3) },
      ...sorts.map((sort) => ({
        heading: against[sort],
        cell: (r: LesionSelectivity) => difference(find(r.network, sort)),
      })),
      {
        heading: 'p among any units',
        cell: (r) => {
          const row = find(r.network, 'random');
          return row && row.draws > 1
            ? `${probability(row.p)} (${decimal(row.mean_imbalance)}, ${decimal(row.spread_imbalance)})`
            : '–';
        },
      },
    ],
    selectivity,
  );
}

function pairTable({ pairs }: LesionSet): Markup {
  return table(
    html`Pairs of which the model finds the good text the more probable, in the untouched model and without each network; the change with its 95% interval over pairs, and that without matched units. p: share of matched sets that lower it as much, corrected over topics and networks. Margin: log probability of good less that of bad, nats.`,
    [
      { heading: 'pairs', cell: (r: LesionPairRow) => taskName(r.topic), text: true },
      { heading: 'network', cell: (r) => taskName(r.network), text: true },
      { heading: 'number', cell: (r) => count(r.pairs) },
      { heading: 'right', cell: (r) => percent(r.accuracy) },
      { heading: 'change', cell: (r) => decimal(r.change, 3) },
      { heading: '95% interval', cell: (r) => `${decimal(r.lower, 3)} to ${decimal(r.upper, 3)}` },
      { heading: 'matched', cell: (r) => `${decimal(r.control_change, 3)} (sd ${decimal(r.control_spread, 3)})` },
      { heading: 'p over matrix', cell: (r) => probability(r.p_over_matrix) },
      { heading: 'margin', cell: (r) => decimal(r.margin, 2) },
      { heading: 'its change', cell: (r) => decimal(r.margin_change, 3) },
    ],
    pairs,
  );
}
