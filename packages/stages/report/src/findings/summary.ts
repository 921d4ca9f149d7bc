import type { NetworkOverlap } from '@galvani/artifact';
import { whyAbsent } from '@galvani/study';
import { html, type Markup } from '../page/html.js';
import { count, counted, decimal, listed, mean, percent, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { contrastSentences } from './contrast-size.js';
import { controlSentences, wordingSentences } from './controls.js';
import { geometrySentences } from './geometry.js';
import { lesionSentences } from './lesion.js';
import { overlapPairs } from './network-overlap.js';
import { taskNetworks } from './network-size.js';
import { hasNoRest } from './off-blocks.js';
import { repeatabilitySentences } from './repeatability.js';
import { steeringSentences } from './steering.js';
import { yardstickSentence } from './yardstick.js';

/** The result of a study in a paragraph for each question, from its tables. */
export function summary(results: StudyResults): Markup {
  const filled = paragraphs(results).filter(({ sentences }) => sentences.length > 0);
  return html`${filled.map(({ about, sentences }) => html`<p class="result"><b>${about}.</b> ${sentences.join(' ')}</p>\n`)}`;
}

/** All sentences of the summary; each says what is missing where it cannot say what was found. */
export function sentences(results: StudyResults): string[] {
  return paragraphs(results).flatMap((paragraph) => paragraph.sentences);
}

function paragraphs(results: StudyResults): { about: string; sentences: string[] }[] {
  return [
    { about: 'Identification', sentences: [...identification(results), ...wordingSentences(results)] },
    { about: 'Controls', sentences: controlSentences(results) },
    { about: 'Networks', sentences: networkParagraph(results) },
    { about: 'Overlap', sentences: overlap(results) },
    { about: 'Distances', sentences: geometrySentences(results) },
    { about: 'Repeatability', sentences: repeatabilitySentences(results) },
    { about: 'Lesions', sentences: lesionSentences(results) },
    { about: 'Steering', sentences: steeringSentences(results) },
    { about: 'Contrasts', sentences: contrastSentences(results) },
  ];
}

function identification({ decode, plan }: StudyResults): string[] {
  const rows = (decode.accuracy ?? []).filter((row) => row.total > 0);
  if (rows.length === 0) return [whyAbsent(plan, 'decode') ?? 'No held-out run has been identified yet.'];
  return rows.map((row, i) => {
    const what = `${count(row.correct)} of ${count(row.total)} held-out ${row.level}s`;
    const detail = `${percent(row.accuracy)}, 95% interval ${percent(row.lower)} to ${percent(row.upper)}; chance ${percent(row.chance)}, permutation p ${probability(row.p)}`;
    return i === 0
      ? `${what} were identified by the network that their activity matches best (${detail}).`
      : `So were ${what} (${detail}).`;
  });
}

const networkParagraph = (results: StudyResults) => [
  networkSizes(results),
  ...besideSelection(results),
  ...yardstickSentence(results),
  ...specificity(results),
];

/** How many units a threshold would keep, where the strongest are taken whatever their p; the networks stage counted them. */
function besideSelection({ plan, manifests }: StudyResults): string[] {
  if (plan.networks.top === undefined) return [];
  const { alpha, minimumEffect } = plan.networks;
  const counted = (manifests.get('networks')?.facts.members ?? []) as SelectedUnits[];
  const kept = counted.flatMap(({ task, units, surviving }) =>
    surviving
      ? [
          `${count(surviving.taken)} of the ${count(units)} of ${taskName(task)} and ${count(surviving.all)} of all units`,
        ]
      : [],
  );
  return kept.length === 0
    ? []
    : [
        `These are the strongest units, which any model has; a threshold with family-wise error ${percent(alpha)} and d of ${decimal(minimumEffect)} or more would keep ${listed(kept)}.`,
      ];
}

/** Of runs that share their rest, where chance is not known. */
function untestedOverlap([most]: readonly NetworkOverlap[]): string[] {
  return [
    `Networks overlap most between ${taskName(most.task_a)} and ${taskName(most.task_b)} (same-sign Dice ${decimal(most.dice)}); runs of a session share their rest, whose noise networks then have in common, so this is not tested.`,
  ];
}

interface SelectedUnits {
  task: string;
  units: number;
  surviving?: { taken: number; all: number };
}

function networkSizes({ networks, tasks }: StudyResults): string {
  if (!networks.sizes) return 'Networks have not been formed yet.';
  const all = taskNetworks(networks.sizes, tasks).sort((a, b) => b.members - a.members);
  const filled = all.filter((n) => n.members > 0);
  const empty = all.filter((n) => n.members === 0).map((n) => taskName(n.task));
  if (filled.length === 0) return 'No unit survived the threshold in any task: every network is empty.';
  const [largest, smallest] = [filled[0], filled[filled.length - 1]];
  const size = (n: typeof largest) => `${taskName(n.task)} (${count(n.members)}, ${percent(n.members / n.units)})`;
  const range =
    filled.length === 1
      ? `Of ${count(largest.units)} units, the network of ${size(largest)} has members.`
      : `Of ${count(largest.units)} units, networks hold from ${counted(smallest.members, 'member')} (${taskName(smallest.task)}, ${percent(smallest.members / smallest.units)}) to ${count(largest.members)} (${taskName(largest.task)}, ${percent(largest.members / largest.units)}).`;
  return empty.length === 0 ? range : `${range} No unit survived the threshold for ${listed(empty)}.`;
}

function overlap(results: StudyResults): string[] {
  const { networks, tasks } = results;
  const pairs = overlapPairs(networks.overlap ?? [], tasks);
  if (pairs.length === 0) return [];
  const say = (p: (typeof pairs)[number]) =>
    `${taskName(p.task_a)} and ${taskName(p.task_b)} (same-sign Dice ${decimal(p.dice)}, 95% interval ${decimal(p.lower)} to ${decimal(p.upper)}; ${decimal(p.expected_dice)} if placed independently within sites; p ${probability(p.p_over_pairs)}${pairs.length > 1 ? ' over all pairs' : ''})`;
  if (!pairs.some((p) => Number.isFinite(p.p_over_pairs))) return untestedOverlap(pairs);
  const byDesign = hasNoRest(results)
    ? [
        `Tasks are held against each other, so that networks have units in common with opposite signs by design: ${counted(Math.max(...pairs.map(({ opposed }) => opposed)), 'unit')} at most.`,
      ]
    : [];
  if (pairs.length === 1) {
    const more = pairs[0].p_over_pairs < 0.05 ? 'more' : 'no more';
    return [`The networks of ${say(pairs[0])} overlap by ${more} than networks of relabelled prompts do.`, ...byDesign];
  }
  const beyond = pairs.filter((p) => p.p_over_pairs < 0.05);
  const names = beyond.map((p) => `${taskName(p.task_a)} with ${taskName(p.task_b)}`);
  return [
    `Networks overlap most between ${say(pairs[0])}.`,
    beyond.length === 0
      ? `No pair of the ${pairs.length} overlaps by more than networks of relabelled prompts do.`
      : `By more than networks of relabelled prompts overlap ${beyond.length} of ${pairs.length} pairs (p below 0.05, corrected over pairs): ${listed(names)}.`,
    ...byDesign,
  ];
}

function specificity({ networks }: StudyResults): string[] {
  const rows = (networks.specificity ?? []).filter((row) => row.members > 0);
  if (rows.length === 0) return [];
  const sum = (own: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + own(row), 0);
  const heldOut = mean(rows.map((row) => row.held_out_selective));
  const share = `${percent(sum((row) => row.own) / sum((row) => row.members))} of members belong to one network alone`;
  return [
    Number.isFinite(heldOut)
      ? `${share}; of units chosen in other sessions ${percent(heldOut)} respond more to their task than to the others on average in the session left out (50% by chance).`
      : `${share}.`,
  ];
}
