import type { LesionSelectivity } from '@galvani/artifact';
import { lesionMatrix } from '../figures/lesion-matrix.js';
import { type LesionSet, lesionSentences, lesionSets, lesionWords } from '../findings/lesion.js';
import { absent, figure } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, decimal, percent, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** What becomes of predictions without networks; nothing where nobody has asked. */
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
    html`<p>${lesionSentences(results).join(' ')} Texts are of the prompt bank, and no run presents them.</p>`,
    ...sets.flatMap((set, k) => [matrixFigure(set, k, results), selectivityTable(set)]),
  );
}

function matrixFigure(set: LesionSet, k: number, { tasks }: StudyResults): Markup {
  const [{ controls, texts }] = set.matrix;
  return figure({
    id: `lesion-matrix-${k + 1}`,
    title: `Lesions: ${lesionWords(set)}`,
    leastWidth: 520,
    drawing: lesionMatrix(set.matrix, tasks),
    shows: html`How much worse the model predicts texts of each topic (rows, ${count(texts)} texts each at most) without the network of each task (columns): mean change of the negative log probability, in nats a token. In brackets the same for ${count(controls)} sets of control units, as many in each site and matched in mean and spread at rest; bold where the network’s is beyond theirs, corrected over the matrix. Missing columns are networks without members there, missing rows topics without unseen texts.`,
    imaging:
      'A lesion study: what a region is needed for, which activity alone does not say. Controls are lesions of the same size elsewhere.',
    interpretability:
      'Ablation beside ablations that are matched in number and size of activity, since units differ a hundredfold in how much they move what comes after them.',
  });
}

function selectivityTable(set: LesionSet): Markup {
  return table(
    html`Own topic’s change of loss beside the mean of the other topics’, with its 95% interval over texts. p: share of the controls’ lesions that are as selective, corrected over networks. Imbalance: how far controls are from the network in mean and in the logarithm of spread at rest, in standard deviations; beyond .1 they are matched badly.`,
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
