import { holm } from '@galvani/numerics';
import { decimal, taskName } from '../../page/words.js';
import type { StudyResults } from '../../results/study-results.js';
import { taskDistances } from '../geometry.js';
import { atChance } from './identification.js';
import { judge, level, type Verdict } from './verdict.js';

/**
 * Whether the model's activity differs between every two tasks. The largest p over pairs decides, which the nearest have: all have to differ.
 * It is corrected over pairs, so that single pairs can be named too.
 */
export function apart(results: Pick<StudyResults, 'geometry' | 'decode' | 'tasks' | 'plan'>): Verdict {
  const claim = 'Activity differs between every two tasks.';
  const refutedBy =
    'Two tasks whose difference turns round from session to session: a cross-validated distance below 0, with its whole interval.';
  const cannot = (words: string): Verdict => ({ claim, verdict: 'cannot be said', words, refutedBy });
  const all = results.geometry.distances;
  if (!all) return cannot('Distances have not been measured yet.');
  if (results.tasks.length < 2) return cannot('One task alone has nothing to lie apart from.');
  const pairs = taskDistances(results);
  if (pairs.length === 0) return cannot('No distances were measured: they take two sessions and units that vary.');
  const [nearest] = pairs;
  const p = Math.max(...pairs.map(({ p_over_pairs }) => p_over_pairs));
  const least = holm(Float64Array.from(all, ({ smallest_p }) => Math.log(smallest_p)));
  const smallest = Math.exp(Math.max(...all.flatMap(({ task_b }, k) => (task_b === 'rest' ? [] : [least[k]]))));
  const differing = pairs.filter(({ p_over_pairs }) => p_over_pairs <= level + 1e-12).length;
  const words = [
    `${differing} of ${pairs.length} ${pairs.length === 1 ? 'pair differs' : 'pairs differ'} by more than with prompts exchanged, corrected over pairs; nearest are ${taskName(nearest.task_a)} and ${taskName(nearest.task_b)}.`,
  ];
  // Of many pairs one lies below 0 by chance.
  const oppositeP = pairs.length * (1 - Math.max(...pairs.map((pair) => pair.p)));
  let verdict = judge({ p, smallest, opposite: nearest.upper < 0, oppositeP });
  if (verdict === 'cannot be said') words.push(`So few prompts give no p below ${decimal(smallest)}.`);
  if (verdict === 'supported' && pairs.some(({ lower }) => !(lower > 0))) {
    verdict = 'no evidence';
    words.push(`Though p is at most ${level}, not every interval lies above 0, so that this is not taken for support.`);
  }
  if (verdict === 'supported' && atChance(results)) {
    verdict = 'no evidence';
    words.push('But held-out activity is not identified above chance, so that this is not taken for support.');
  }
  return {
    claim,
    verdict,
    effect: {
      what: 'smallest distance',
      value: nearest.distance,
      lower: nearest.lower,
      upper: nearest.upper,
    },
    p,
    words: words.join(' '),
    refutedBy,
  };
}
