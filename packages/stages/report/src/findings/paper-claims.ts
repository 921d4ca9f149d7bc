import { count, decimal, listed, mean, percent, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { overlapOf, overlapPairs } from './network-overlap.js';
import { type Standing, standings } from './task-standing.js';

export type Verdict = 'agrees' | 'agrees in part' | 'disagrees' | 'cannot be said';

/** Something that the paper reports, and what this study has to say to it. */
export interface PaperClaim {
  claim: string;
  verdict: Verdict;
  words: string;
}

/** The claims of arXiv 2311.10898's abstract beside this study's numbers. */
export function paperClaims(results: StudyResults): PaperClaim[] {
  return [distinct(results), mostOverlap(results), repeatable(results), identified(results)];
}

const share = (n: number, of: number): Verdict => (n === of ? 'agrees' : n > 0 ? 'agrees in part' : 'disagrees');

function distinct({ networks, tasks }: StudyResults): PaperClaim {
  const claim = 'Each task engages a network of its own.';
  const likeness = networks.likeness ?? [];
  const known = standings(likeness, tasks);
  if (known.length === 0)
    return { claim, verdict: 'cannot be said', words: 'There are no two sessions of two tasks to compare.' };
  const own = known.filter((s) => s.own.correlation > s.rival.correlation);
  const between = likeness.filter((pair) => pair.task !== pair.other_task).map((pair) => pair.correlation);
  const words = `In ${own.length} of ${known.length} tasks the map of a session is more like the same task’s maps in other sessions than like those of any other task (mean correlation of z maps ${decimal(mean(known.map((s) => s.own.correlation)))} within tasks, ${decimal(mean(between))} between).`;
  const rest = known.filter((s) => !own.includes(s));
  const exception = (s: Standing) =>
    `${taskName(s.task)} (${decimal(s.own.correlation)} with itself, ${decimal(s.rival.correlation)} with ${taskName(s.rival.other_task)})`;
  return {
    claim,
    verdict: share(own.length, known.length),
    words: rest.length === 0 ? words : `${words} Not so: ${listed(rest.map(exception))}.`,
  };
}

function mostOverlap({ networks, tasks }: StudyResults): PaperClaim {
  const claim = 'Of all pairs, medical imaging and pathology overlap most.';
  const cannot = (words: string): PaperClaim => ({ claim, verdict: 'cannot be said', words });
  if (!tasks.includes('medical-imaging') || !tasks.includes('pathology'))
    return cannot('This study does not have both tasks.');
  const pairs = overlapPairs(networks.overlap ?? [], tasks);
  const pair = overlapOf(pairs, 'medical-imaging', 'pathology');
  if (!pair) return cannot('The overlap of the two is not known, or not defined because both networks are empty.');
  const rankIn = (all: typeof pairs) => all.filter((other) => other.dice > pair.dice).length + 1;
  const topics = pairs.filter((other) => ![other.task_a, other.task_b].includes('random-strings'));
  const own = `Their same-sign Dice coefficient is ${decimal(pair.dice)} (${decimal(pair.expected_dice)} if members were placed independently within sites)`;
  if (rankIn(pairs) === 1) return { claim, verdict: 'agrees', words: `${own}, the largest of ${pairs.length} pairs.` };
  const lead = pairs.slice(0, 1).map((p) => `${taskName(p.task_a)} and ${taskName(p.task_b)} have ${decimal(p.dice)}`);
  return rankIn(topics) === 1
    ? {
        claim,
        verdict: 'agrees in part',
        words: `${own}, the largest of the ${topics.length} pairs of topics; but ${lead}.`,
      }
    : { claim, verdict: 'disagrees', words: `${own}, rank ${rankIn(pairs)} of ${pairs.length} pairs; ${lead}.` };
}

function repeatable({ networks }: StudyResults): PaperClaim {
  const claim = 'Networks repeat from one presentation to another.';
  const likeness = (networks.likeness ?? []).filter((pair) => pair.task === pair.other_task);
  const known = likeness.filter((pair) => Number.isFinite(pair.dice));
  if (known.length === 0)
    return {
      claim,
      verdict: 'cannot be said',
      words: 'There are no two sessions of a task with a network to compare.',
    };
  const repeat = known.filter((pair) => pair.dice > pair.expected_dice);
  const weak = known.filter((pair) => !repeat.includes(pair)).map((pair) => taskName(pair.task));
  return {
    claim,
    verdict: share(repeat.length, known.length),
    words: `The strongest units of two sessions of a task, as many as its network has, share a mean Dice of ${decimal(mean(known.map((pair) => pair.dice)))} (${decimal(mean(known.map((pair) => pair.expected_dice)))} if independent), from ${decimal(Math.min(...known.map((pair) => pair.dice)))} to ${decimal(Math.max(...known.map((pair) => pair.dice)))} by task.${weak.length === 0 ? '' : ` No better than independence: ${listed(weak)}.`}`,
  };
}

function identified({ decode }: StudyResults): PaperClaim {
  const claim = 'Activity tells which task was presented.';
  const rows = (decode.accuracy ?? []).filter((row) => row.total > 0);
  if (rows.length === 0) return { claim, verdict: 'cannot be said', words: 'No held-out activity was identified yet.' };
  const above = rows.filter((row) => row.p < 0.05 && row.lower > row.chance);
  const said = rows.map(
    (row) =>
      `${count(row.correct)} of ${count(row.total)} held-out ${row.level}s (${percent(row.accuracy)}; chance ${percent(row.chance)}, permutation p ${probability(row.p)})`,
  );
  return { claim, verdict: share(above.length, rows.length), words: `${listed(said)} were identified.` };
}
