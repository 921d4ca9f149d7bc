import { count, percent } from '../../page/words.js';
import type { StudyResults } from '../../results/study-results.js';
import { yardstickSentence } from '../yardstick.js';
import { judge, type Verdict } from './verdict.js';

/** Whether tasks differ from rest by more than topics do that nobody asked about. */
export function beyondTopics({ yardstick }: Pick<StudyResults, 'yardstick'>): Verdict {
  const claim = 'Tasks differ from rest by more than other topics do.';
  const refutedBy =
    'Tasks that rank below rest topics: a share below one half, with its whole interval, and a p of the lower tail of at most 0.05.';
  const row = yardstick.ranks?.find(({ measure }) => measure === 'squared_effect');
  if (!row || !Number.isFinite(row.p))
    return {
      claim,
      verdict: 'cannot be said',
      words: yardstickSentence({ yardstick })[0] ?? 'Tasks were not compared with rest topics.',
      refutedBy,
    };
  return {
    claim,
    verdict: judge({ p: row.p, smallest: row.smallest_p, opposite: row.upper < 0.5, oppositeP: row.opposite_p }),
    effect: {
      what: 'pairs in which the task has more',
      value: row.superiority,
      lower: row.lower,
      upper: row.upper,
      unit: 'share',
    },
    p: row.p,
    words: `In ${percent(row.superiority)} of pairs of a task (${count(row.tasks)}) and a rest topic (${count(row.rest_topics)}) the task differs from rest by more; half is what topics like any other give.`,
    refutedBy,
  };
}
