import type { Reliability, UnitEffectIcc } from '@galvani/artifact';
import { likenessMatrix } from '../figures/likeness-matrix.js';
import { sessionRepeatability } from '../figures/session-repeatability.js';
import { taskReliability } from '../figures/task-reliability.js';
import { unitReliability } from '../figures/unit-reliability.js';
import { measureNames, repeatabilitySentences } from '../findings/repeatability.js';
import { above, below, divergingName } from '../page/colour.js';
import { absent, figure } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { colourScale } from '../page/scale.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, decimal, mean, percent, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** How far a task's sessions repeat, and more than sessions of two tasks. */
export function repeatabilitySection(results: StudyResults): Markup {
  return section(
    'repeatability',
    'Repeatability',
    measures(results),
    networkRepeatability(results),
    likeness(results),
    effects(results),
    units(results),
  );
}

function measures(results: StudyResults): Markup | undefined {
  const rows = results.networks.reliability ?? [];
  const correlations = rows.filter(({ measure, task }) => measure === 'correlation' && task !== '');
  if (rows.length === 0) return undefined;
  if (correlations.length === 0) return html`<p>${repeatabilitySentences(results).join(' ')}</p>`;
  const joint = rows.find(({ measure, task }) => measure === 'correlation' && task === '')!;
  return html`<p>${repeatabilitySentences(results).join(' ')}</p>
${figure({
  id: 'task-reliability',
  title: 'Sessions of one task and of two',
  drawing: taskReliability(correlations, results.tasks),
  shows: html`Correlation over all units of the z maps of two sessions of a task: means with 95% intervals, which are of the jackknife over sessions${Number.isFinite(joint.lower) ? '' : ' and are not known for two sessions'}. Grey ticks are means over sessions of the task and another.`,
  imaging:
    'Test-retest reliability of unthresholded maps, with sessions as the sample and voxels free to depend on each other.',
  interpretability:
    'How much of a task’s response is the topic’s and not that of the prompts that happened to be shown.',
})}
${table(
  html`Sessions of one task (within) and of two (between). p is the share of relabellings with as large a difference: tasks exchanged within sessions, and of one task one run of each session, whatever its task (${count(joint.labellings)} of all relabellings${joint.exhaustive ? '' : ', drawn'}). Whole: reliability of the mean map of all sessions, by Spearman and Brown; of halves of the prompts that of the map of all prompts of these runs, without an interval or p. Other measures by task are in networks/reliability.parquet.`,
  [
    { heading: 'measure', cell: (r) => measureNames[r.measure], text: true },
    { heading: 'task', cell: (r) => (r.task === '' ? html`<b>all tasks</b>` : taskName(r.task)), text: true },
    { heading: 'within', cell: (r) => written(r, r.within) },
    { heading: '95% interval', cell: (r) => interval(r, r.lower, r.upper) },
    { heading: 'between', cell: (r) => written(r, r.between) },
    { heading: 'difference, 95% interval', cell: (r) => interval(r, r.difference_lower, r.difference_upper) },
    { heading: 'whole', cell: (r) => decimal(r.whole) },
    { heading: 'p', cell: (r) => probability(r.p) },
  ],
  rows.filter(({ measure, task }) => measure === 'correlation' || task === ''),
)}`;
}

const written = ({ measure }: Reliability, value: number) =>
  measure === 'fingerprint' ? percent(value) : decimal(value);

const interval = (row: Reliability, lower: number, upper: number) =>
  Number.isFinite(lower) ? `${written(row, lower)} to ${written(row, upper)}` : decimal(Number.NaN);

function networkRepeatability({ networks, tasks }: StudyResults): Markup {
  if (!networks.repeatability) return absent('Repeatability has not been measured yet.');
  const rows = networks.repeatability.filter((row) => row.task === row.other_task);
  if (rows.length === 0) return absent('With one session there is nothing to repeat.');
  if (!rows.some((row) => Number.isFinite(row.dice)))
    return absent('Networks are empty, so their repeatability is not defined.');
  return figure({
    id: 'session-repeatability',
    title: 'Repeatability of networks over sessions',
    drawing: sessionRepeatability(rows, tasks),
    shows:
      'Each dot compares two sessions of a task, which share no prompt, by the strongest units of each, as many as the task’s network has. Coloured ticks are means, grey ticks what units of these signs, placed independently within each site, give.',
    imaging:
      'Test-retest overlap of maps at the same number of voxels. A session has few prompts, so this understates how repeatable the response itself is.',
    interpretability:
      'New prompts on the same topic reach the same units to this extent; the rest is the prompts’ own content and noise.',
  });
}

function likeness({ networks, tasks }: StudyResults): Markup | undefined {
  const pairs = networks.likeness ?? [];
  const known = pairs.filter((pair) => Number.isFinite(pair.correlation));
  if (known.length === 0 || tasks.length < 2) return undefined;
  const largest = Math.max(0.01, ...known.map((pair) => Math.abs(pair.correlation)));
  const meanOf = (same: boolean) =>
    decimal(mean(known.filter((pair) => (pair.task === pair.other_task) === same).map((pair) => pair.correlation)));
  return figure({
    id: 'likeness-matrix',
    title: 'Likeness of maps between sessions',
    leastWidth: 520,
    drawing: html`${likenessMatrix(pairs, tasks)}${colourScale({ ticks: [decimal(-largest), '0', decimal(largest)], colours: [below, 'transparent', above], opacity: 0.6, of: `mean correlation; ${divergingName}` })}`,
    shows: html`Mean correlation of the whole z maps of two runs of different sessions, without any threshold: <span class="key above">vermilion</span> is alike, <span class="key below">blue</span> opposite. On the diagonal, a task with itself (${meanOf(true)} on average); off it, two tasks (${meanOf(false)}).`,
    imaging:
      'A task has a pattern of its own where its diagonal cell is the strongest of its row. Likeness that all tasks share is a response to any task as against off blocks.',
    interpretability:
      'A similarity matrix of representations, of contrasts instead of raw activity: which topics the model treats alike.',
  });
}

function effects({ networks }: StudyResults): Markup | undefined {
  const rows = networks.icc ?? [];
  if (rows.length === 0) return undefined;
  const both = (row: UnitEffectIcc, of: 'agreement' | 'consistency') =>
    html`${decimal(row[of])}${Number.isFinite(row[`${of}_lower`]) && ` (${decimal(row[`${of}_lower`])} to ${decimal(row[`${of}_upper`])})`}`;
  return table(
    'Intraclass correlations of units’ effects (Cohen’s d of single sessions): units are targets, sessions judges. Intervals are of the jackknife over sessions; those by F take units for independent, so they are too narrow. Units of a network were chosen by the same sessions, so theirs are too high.',
    [
      { heading: 'task', cell: (r) => taskName(r.task), text: true },
      {
        heading: 'units',
        cell: (r) => `${r.units === 'all' ? 'all' : 'its network'}: ${count(r.targets)}`,
        text: true,
      },
      { heading: 'ICC(2,1), 95% interval', cell: (r) => both(r, 'agreement') },
      { heading: 'ICC(3,1), 95% interval', cell: (r) => both(r, 'consistency') },
      {
        heading: 'ICC(3,1) by F',
        cell: (r) =>
          Number.isFinite(r.consistency_f_lower)
            ? `${decimal(r.consistency_f_lower)} to ${decimal(r.consistency_f_upper)}`
            : decimal(Number.NaN),
      },
      { heading: 'p', cell: (r) => probability(r.p) },
    ],
    rows,
  );
}

function units({ networks }: StudyResults): Markup | undefined {
  const rows = (networks.unit_icc ?? []).filter(({ consistency }) => Number.isFinite(consistency));
  if (rows.length === 0) return undefined;
  const median = (of: string, tasks: string) =>
    rows.find((row) => row.units === of && row.tasks === tasks && row.quantile === 0.5)?.consistency;
  const members = median('network', 'own');
  return figure({
    id: 'unit-reliability',
    title: 'Reliability of single units over tasks',
    drawing: unitReliability(rows),
    shows: html`ICC(3,1) of each unit’s effects, with tasks for targets and sessions for judges: whether a unit that prefers some tasks in one session prefers them in the others. The height of a line is the share of units with at most that much. The median of all units is ${decimal(median('all', 'own'))}${members !== undefined && `, of members of any network ${decimal(members)}`}; with tasks exchanged within sessions, as if they did not matter, it is ${decimal(median('all', 'exchanged'))}.`,
    imaging: 'A map of voxelwise reliability, summed up as a distribution, with its null.',
    interpretability: 'How many units have a profile over topics at all, whether or not any network has them.',
  });
}
