import type { Control, ControlCalibration, ControlHub, ControlWindow } from '@galvani/artifact';
import { whyAbsent } from '@galvani/study';
import { controlAccuracy } from '../figures/control-accuracy.js';
import {
  bestOf,
  type ControlGroup,
  controlsOf,
  type FoldKind,
  foldKinds,
  foldWords,
  groupOf,
  intervalWords,
  networksOf,
} from '../findings/control-comparison.js';
import { calibrationSentence, controlSentences, wordingSentences } from '../findings/controls.js';
import { absent, figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { capital, count, decimal, listed, percent, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

const heading = 'Controls';
const order: readonly ControlGroup[] = ['networks', 'random', 'reference', 'twin', 'wording', 'generated', 'part'];

/** What identification is worth: the same held-out prompts identified by other means, and where it is harder. */
export function controlsSection(results: StudyResults): Markup {
  const rows = (results.controls?.identification ?? []).filter(({ total }) => total > 0);
  if (!networksOf(rows, 'sessions')) {
    const why = whyAbsent(results.plan, 'controls') ?? 'Identification has not been set beside controls yet.';
    return section('controls', heading, absent(why));
  }
  const folds = foldKinds.filter((kind) => networksOf(rows, kind));
  return section(
    'controls',
    heading,
    html`<p>${[...wordingSentences(results), ...controlSentences(results)].join(' ')}</p>
<p>Everything here identifies the same held-out prompts, one by one. What it learns from is of other sessions; where the form of prompt is held out too, of other forms; where no content word is shared, each prompt has only those to be learnt from that share no word with it that says what they are about. Wording is known without the model’s activity. The untrained twin is the same model with its weights permuted within each tensor.</p>`,
    accuracyFigure(rows, folds, results),
    mainTable(rows, folds, results),
    html`<details><summary>Every decoder (${count(rows.length)} rows)</summary>${fullTable(rows)}</details>`,
    calibrationTable(results.controls?.calibration ?? [], results),
    windowTable(results.controls?.windows ?? [], results, networksOf(rows, 'sessions')!),
    hubTable(results.controls?.hubs ?? []),
  );
}

/** A row of the figure and of the first table: what the same decoders see, whatever the folds. */
interface Seen {
  group: ControlGroup;
  features: string;
  name: string;
}

function seenOf(rows: readonly Control[]): Seen[] {
  const found = new Map<string, Seen>();
  for (const row of rows) {
    const group = groupOf(row);
    const name = seenName(group, row.features);
    if (!found.has(name)) found.set(name, { group, features: row.features, name });
  }
  const kind = ({ features }: Seen) => (features.startsWith('kind ') ? 1 : 0);
  return [...found.values()].sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group) || kind(a) - kind(b));
}

function seenName(group: ControlGroup, features: string): string {
  if (group === 'networks') return 'networks';
  if (group === 'random') return 'random networks';
  return group === 'reference' ? 'all units' : group === 'twin' ? 'untrained twin' : features;
}

const bestSeen = (rows: readonly Control[], folds: FoldKind, { group, features }: Seen) =>
  bestOf(controlsOf(rows, folds, group).filter((row) => row.features === features));

function accuracyFigure(rows: readonly Control[], folds: readonly FoldKind[], { decode, tasks }: StudyResults): Markup {
  const chance = decode.accuracy?.find(({ level }) => level === 'prompt')?.chance ?? 1 / tasks.length;
  const seen = seenOf(rows);
  return figure({
    id: 'control-accuracy',
    title: 'The same prompts identified by other means',
    leastWidth: 340,
    drawing: folds.map((kind) => {
      const dots = seen.flatMap((own) => {
        const best = bestSeen(rows, kind, own);
        return best ? [{ ...best, name: own.name, own: own.group === 'networks' }] : [];
      });
      return panel(
        capital(foldWords[kind]),
        controlAccuracy(
          `Accuracy of each control with its 95% interval, where ${foldWords[kind]}, beside networks and chance`,
          dots,
          chance,
        ),
      );
    }),
    shows: html`Dots are accuracies, bars their 95% intervals over runs; of several decoders of the same features the best on these prompts is drawn, which flatters it. The solid line is the accuracy of networks, the dashed line chance.`,
    imaging:
      'What a decoder reads from activity has to exceed what the stimuli alone give away; the harder the folds, the less they do.',
    interpretability:
      'Units of one layer, or random ones, that identify as much say that the information is everywhere, and identification does not single networks out.',
  });
}

function mainTable(rows: readonly Control[], folds: readonly FoldKind[], { manifests }: StudyResults): Markup {
  const draws = manifests.get('controls')?.facts.draws;
  const first = (own: Seen) => bestSeen(rows, 'sessions', own);
  return table(
    html`Identified prompts with the 95% interval of their share; below, networks’ lead in points (networks minus control, 95% interval) and its two-sided p, then the decoder, the best of its features on these prompts. Balanced is the mean over tasks of the share identified, top two the share of prompts whose task is among the two best, both where another session is held out. Intervals resample runs; p exchanges the two decoders’ answers of whole runs. No p is corrected for the number of controls. Random networks have as many units in each site as networks do${typeof draws === 'number' && `; of ${count(draws)} draws the one with the median is shown`}.`,
    [
      { heading: 'seen', cell: (own) => own.name, text: true },
      ...folds.map((kind) => ({
        heading: foldWords[kind],
        cell: (own: Seen) => {
          const best = bestSeen(rows, kind, own);
          return best ? comparedWords(best) : '';
        },
        text: true,
      })),
      { heading: 'balanced', cell: (own) => percent(first(own)?.balanced ?? Number.NaN) },
      { heading: 'top two', cell: (own) => percent(first(own)?.top_two ?? Number.NaN) },
    ],
    seenOf(rows),
  );
}

function comparedWords(row: Control): Markup {
  const found = `${count(row.correct)} of ${count(row.total)} (${percent(row.lower)} to ${percent(row.upper)})`;
  const group = groupOf(row);
  if (group === 'networks') return html`${found}`;
  const decoder = group === 'random' ? '' : `; ${row.decoder}`;
  return html`${found}<br><small>${compared(row)}, p ${probability(row.p)}${decoder}</small>`;
}

/** Networks' lead in points with its interval. */
const compared = (row: Control) => `${decimal(100 * row.difference, 0)} (${intervalWords(row)})`;

function fullTable(rows: readonly Control[]): Markup {
  const own = (row: Control) => groupOf(row) === 'networks';
  return table(
    html`Every decoder of everything that was seen. Numbers is how many stand for a prompt; the lead is networks’, in points.`,
    [
      { heading: 'held out', cell: (row) => row.folds, text: true },
      { heading: 'seen', cell: (row) => row.features, text: true },
      { heading: 'decoder', cell: (row) => row.decoder, text: true },
      { heading: 'numbers', cell: (row) => count(row.width) },
      { heading: 'identified', cell: (row) => `${count(row.correct)} of ${count(row.total)}` },
      { heading: '95% interval', cell: (row) => `${percent(row.lower)} to ${percent(row.upper)}` },
      { heading: 'balanced', cell: (row) => percent(row.balanced) },
      { heading: 'top two', cell: (row) => percent(row.top_two) },
      { heading: 'lead (95% interval)', cell: (row) => (own(row) ? '' : compared(row)) },
      { heading: 'p', cell: (row) => (own(row) ? '' : probability(row.p)) },
    ],
    rows,
  );
}

/** How far scores can be read as probabilities. */
function calibrationTable(rows: readonly ControlCalibration[], results: StudyResults): Markup | undefined {
  const sentence = calibrationSentence(results);
  if (!sentence) return undefined;
  return html`<h3>How far the networks’ scores can be read as probabilities</h3>
${table(
  html`${sentence} Scores are made probabilities by a softmax whose one temperature is fitted to the other sessions. Prompts are sorted by the probability of the task that is identified; where the interval of the share right, which resamples runs, does not hold what was predicted, scores promise too much or too little. Brier’s score is 0 where all are surely right, 2 where all are surely wrong.`,
  [
    {
      heading: 'probability',
      cell: (row) => (row.to - row.from > 0.5 ? 'all' : `${percent(row.from)} to ${percent(row.to)}`),
      text: true,
    },
    { heading: 'prompts', cell: (row) => count(row.prompts) },
    { heading: 'predicted', cell: (row) => percent(row.predicted) },
    { heading: 'right', cell: (row) => percent(row.right) },
    { heading: '95% interval', cell: (row) => `${percent(row.lower)} to ${percent(row.upper)}` },
    { heading: 'calibration error', cell: (row) => decimal(row.error) },
    { heading: 'Brier', cell: (row) => (Number.isFinite(row.brier) ? decimal(row.brier) : '') },
  ],
  rows,
)}`;
}

/** How many tokens until the task is known. */
function windowTable(windows: readonly ControlWindow[], { plan }: StudyResults, whole: Control): Markup | undefined {
  const known = windows.filter(({ total }) => total > 0);
  // Of one row a prompt there is nothing to tell.
  if (known.length === 0 || plan.extract.tokens !== 'all' || plan.extract.keep === 'prompts') return undefined;
  const generating = plan.extract.mode === 'generate';
  const [first] = known.filter(({ kind }) => kind === 'first');
  const generated = known.find(({ kind }) => kind === 'generated');
  const kinds: Record<string, string> = { first: 'first', sliding: 'sliding window', generated: 'generated alone' };
  return html`<h3>How many tokens until the task is known</h3>
${table(
  html`${first && `From the first ${first.to === 1 ? 'row' : `${count(first.to)} rows`} of a prompt’s activity ${count(first.correct)} of ${count(first.total)} are identified, from all rows ${count(whole.correct)}. `}${generating && 'The first row is the last token of the prompt, whose output chose the first generated token. '}${generated && `From the rows alone whose input was generated ${count(generated.correct)} are; they attend to the prompt too. `}Networks are those of whole prompts.`,
  [
    { heading: 'rows', cell: (w) => (w.to === w.from + 1 ? count(w.to) : `${count(w.from + 1)} to ${count(w.to)}`) },
    { heading: '', cell: (w) => kinds[w.kind] ?? w.kind, text: true },
    { heading: 'identified', cell: (w) => `${count(w.correct)} of ${count(w.total)}` },
    { heading: 'accuracy', cell: (w) => percent(w.accuracy) },
    { heading: '95% interval', cell: (w) => `${percent(w.lower)} to ${percent(w.upper)}` },
  ],
  known,
)}`;
}

/** Which tasks' networks draw what is not theirs. */
function hubTable(hubs: readonly ControlHub[]): Markup | undefined {
  const known = hubs.filter(({ prompts }) => prompts > 0);
  if (known.length === 0) return undefined;
  const presented = known[0].rest_presented;
  const most = Math.max(...known.map(({ rest }) => rest));
  const hubTasks = known.filter(({ rest }) => rest === most).map(({ task }) => taskName(task));
  return html`<h3>What networks draw that is not theirs</h3>
${table(
  html`Held-out prompts of other tasks that are taken for a task${presented > 0 && ', and prompts of rest, which is no task: which network matches each best, and how often it does so beyond the middle between rest and task'}.${most > 0 && ` Most rest is drawn by ${listed(hubTasks)}: ${count(most)} of ${count(presented)}, where an even spread over ${count(known.length)} tasks is ${count(Math.round(presented / known.length))}.`}`,
  [
    { heading: 'task', cell: (hub) => taskName(hub.task), text: true },
    { heading: 'own prompts', cell: (hub) => `${count(hub.correct)} of ${count(hub.prompts)}` },
    { heading: 'of other tasks', cell: (hub) => count(hub.others) },
    ...(presented > 0
      ? [
          { heading: 'of rest', cell: (hub: ControlHub) => `${count(hub.rest)} of ${count(hub.rest_presented)}` },
          { heading: 'beyond the middle', cell: (hub: ControlHub) => count(hub.rest_beyond_middle) },
        ]
      : []),
  ],
  known,
)}`;
}
