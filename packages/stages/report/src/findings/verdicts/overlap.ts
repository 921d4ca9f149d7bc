import { decimal, taskName } from '../../page/words.js';
import type { StudyResults } from '../../results/study-results.js';
import { overlapPairs } from '../network-overlap.js';
import { hasNoRest } from '../off-blocks.js';
import { judge, level, type Verdict } from './verdict.js';

/** Whether networks share units that respond in the same direction, beyond what relabelled prompts give. */
export function overlapping({ networks, tasks, plan }: Pick<StudyResults, 'networks' | 'tasks' | 'plan'>): Verdict {
  const claim = 'Networks of different tasks overlap.';
  const refutedBy = 'No pair that shares as many units as relabelled prompts give: every interval of Dice below that.';
  const cannot = (words: string): Verdict => ({ claim, verdict: 'cannot be said', words, refutedBy });
  if (!networks.overlap) return cannot('Overlap has not been measured yet.');
  if (tasks.length < 2) return cannot('One task alone has nothing to overlap with.');
  const pairs = overlapPairs(networks.overlap, tasks);
  if (!pairs.some(({ members_a, members_b }) => members_a > 0 && members_b > 0))
    return { claim, verdict: 'no evidence', words: 'No two networks have members.', refutedBy };
  const tested = pairs.filter(({ p_over_pairs }) => Number.isFinite(p_over_pairs));
  if (tested.length === 0) return cannot('No pair of networks was tested.');
  const sure = tested.filter(({ p_over_pairs: p }) => p <= level + 1e-12);
  const [most] = [...tested].sort((a, b) => a.p_over_pairs - b.p_over_pairs || b.dice - a.dice);
  const opposite = tested.every(({ upper, relabelled_dice }) => upper < relabelled_dice);
  const judged = judge({ p: most.p_over_pairs, smallest: 0, opposite });
  if (judged === 'against' && hasNoRest({ plan }))
    return cannot(
      'Tasks are held against each other (rest: none), so that where the model tells them apart their networks have few units with one sign in common by design.',
    );
  return {
    claim,
    verdict: judged,
    effect: { what: 'same-sign Dice', value: most.dice, lower: most.lower, upper: most.upper },
    p: most.p_over_pairs,
    words: `${sure.length} of ${tested.length} pairs share more than relabelled prompts give, corrected over pairs; surest ${taskName(most.task_a)} and ${taskName(most.task_b)} (relabelled ${decimal(most.relabelled_dice)}).`,
    refutedBy,
  };
}
