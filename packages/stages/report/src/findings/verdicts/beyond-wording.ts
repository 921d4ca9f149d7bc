import type { Control } from '@galvani/artifact';
import { count, counted, probability } from '../../page/words.js';
import type { StudyResults } from '../../results/study-results.js';
import { bestOf, controlsOf, featureName, networksOf } from '../control-comparison.js';
import { atChance } from './identification.js';
import { judge, level, type Verdict } from './verdict.js';

type Controlled = Pick<StudyResults, 'controls' | 'decode' | 'tasks' | 'plan'>;

/**
 * Whether networks identify more than every control does that sees words alone, where no content word is shared between held-out prompts
 * and those that anything was learnt from. No verdict where none was tried.
 */
export function beyondWording(results: Controlled): Verdict[] {
  const rows = results.controls?.identification ?? [];
  const controls = controlsOf(rows, 'words', 'wording');
  const [networks, best] = [networksOf(rows, 'words'), bestOf(controls)];
  if (!networks || !best) return [];
  // All controls have to be beaten, so that the largest p decides, at the level of one (intersection-union test).
  const p = Math.max(...controls.map(oneSided));
  const { difference: value, difference_lower: lower, difference_upper: upper } = best;
  const smallest = 1 / 2 ** results.plan.runs.length;
  const words = [
    `Where no content word is shared, networks identify ${count(networks.correct)} of ${count(networks.total)} and the best of wording, ${featureName(best.features)} (${best.decoder}), ${count(best.correct)}.`,
    `It is the most accurate of ${counted(controls.length, 'control')} on these same prompts, which flatters it and makes the comparison conservative; p is the largest of any of them, since all have to be beaten (answers exchanged run by run; two-sided ${probability(best.p)} for the best).`,
  ];
  let verdict = judge({ p, smallest, opposite: upper < 0 });
  if (verdict === 'supported' && !(lower > 0)) {
    verdict = 'no evidence';
    words.push(
      `Though p is at most ${level}, the interval does not lie above 0, so that this is not taken for support.`,
    );
  }
  if (verdict === 'supported' && atChance(results)) {
    verdict = 'no evidence';
    words.push('But held-out activity is not identified above chance, so that this is not taken for support.');
  }
  return [
    {
      claim: 'Networks identify the task beyond its wording.',
      verdict,
      effect: { what: `accuracy beyond ${featureName(best.features)}`, value, lower, upper, unit: 'share' },
      p,
      words: words.join(' '),
      refutedBy:
        'A control of words alone that identifies more than networks do: a difference below 0, with its whole interval.',
    },
  ];
}

/** That networks identify more, from the two-sided p of a distribution that is symmetric about 0. */
const oneSided = ({ p, difference }: Control): number => (difference > 0 ? p / 2 : 1 - p / 2);
