import type { NetworkOverlap } from '@galvani/artifact';
import { likenessMatrix } from '../figures/likeness-matrix.js';
import { overlapMatrix } from '../figures/overlap-matrix.js';
import { sessionRepeatability } from '../figures/session-repeatability.js';
import { overlapPairs } from '../findings/network-overlap.js';
import { absent, figure } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { count, counted, decimal, mean, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** How networks share units with each other, and with themselves in other sessions. */
export function overlapSection(results: StudyResults): Markup {
  return section('overlap', 'Overlap and repeatability', overlap(results), repeatability(results), likeness(results));
}

function overlap({ networks, tasks }: StudyResults): Markup {
  if (!networks.overlap) return absent('Overlap has not been measured yet.');
  const pairs = overlapPairs(networks.overlap, tasks);
  if (pairs.length === 0)
    return absent(
      tasks.length < 2
        ? 'One task alone has nothing to overlap with.'
        : 'Networks are empty, so their overlap is not defined.',
    );
  const most = pairs[0];
  const [opposite] = [...pairs].sort((a, b) => b.opposed_dice - a.opposed_dice);
  return figure({
    id: 'overlap-matrix',
    title: 'Overlap of networks',
    leastWidth: 520,
    drawing: overlapMatrix(networks.overlap, tasks),
    shows: html`Dice coefficient of units that respond to both tasks in the same direction: twice their number over the sum of the networks’ sizes; 1 is the same network, 0 no such unit. In brackets the value for networks with as many members of each sign in each site, placed there independently. The largest, ${taskName(most.task_a)} with ${taskName(most.task_b)}, has ${counted(most.same, 'unit')} in both with the same sign and ${count(most.opposed)} with opposite signs. ${opposite.opposed > 0 && opposedWords(opposite)}`,
    imaging:
      'Every contrast is against the same kind of rest, so units that tell any task from rest are shared by all networks; likeness of two tasks shows in what exceeds the other pairs, not in what exceeds independence.',
    interpretability:
      'Units shared by two topics may carry a broader feature, such as science or expository style; larger networks overlap more, so compare with the value in brackets.',
  });
}

function opposedWords(pair: NetworkOverlap): string {
  const both = pair.same + pair.opposed;
  return `Units that respond in opposite directions are counted apart: most are those of ${taskName(pair.task_a)} with ${taskName(pair.task_b)}, ${count(pair.opposed)} of the ${count(both)} that both hold (Dice ${decimal(pair.opposed_dice)}; ${decimal(pair.expected_opposed_dice)} if placed independently).`;
}

function repeatability({ networks, tasks }: StudyResults): Markup {
  if (!networks.repeatability) return absent('Repeatability has not been measured yet.');
  const rows = networks.repeatability.filter((row) => row.task === row.other_task);
  if (rows.length === 0) return absent('With one session there is nothing to repeat.');
  if (!rows.some((row) => Number.isFinite(row.dice)))
    return absent('Networks are empty, so their repeatability is not defined.');
  return figure({
    id: 'session-repeatability',
    title: 'Repeatability over sessions',
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
  const meanOf = (same: boolean) =>
    decimal(mean(known.filter((pair) => (pair.task === pair.other_task) === same).map((pair) => pair.correlation)));
  return figure({
    id: 'likeness-matrix',
    title: 'Likeness of maps between sessions',
    leastWidth: 520,
    drawing: likenessMatrix(pairs, tasks),
    shows: html`Mean correlation of the whole z maps of two runs of different sessions, without any threshold: <span class="key above">red</span> is alike, <span class="key below">blue</span> opposite. On the diagonal, a task with itself (${meanOf(true)} on average); off it, two tasks (${meanOf(false)}).`,
    imaging:
      'A task has a pattern of its own where its diagonal cell is the strongest of its row. Likeness that all tasks share is a response to any task as against rest.',
    interpretability:
      'A similarity matrix of representations, of contrasts instead of raw activity: which topics the model treats alike.',
  });
}
