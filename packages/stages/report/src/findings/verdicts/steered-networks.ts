import { clopperPearson } from '@galvani/numerics';
import { count, counted, decimal, listed, taskName } from '../../page/words.js';
import type { StudyResults } from '../../results/study-results.js';
import { amplified, judgesRight, surestShifts, writesMore } from '../steering.js';
import { judge, type Verdict } from './verdict.js';

/** Whether the model writes about a task when the task's network is amplified; nothing of a study that nobody steered. */
export function steeredNetworks(results: Pick<StudyResults, 'steer'>): Verdict[] {
  if (!results.steer?.shift) return [];
  const claim = 'Amplifying a task’s network makes the model write about that task.';
  const refutedBy =
    'Amplified networks after which their own task is written less than untouched, and less than along random directions: the interval of the surest below 0, and p of the lower tail of at most 0.05 for all tasks and strengths.';
  const all = amplified(results);
  if (all.length === 0)
    return [
      {
        ...{ claim, verdict: 'cannot be said', refutedBy },
        words:
          results.steer.shift.length > 0
            ? 'No strength is above 0, so that no network was amplified.'
            : 'No network has members in the sites that were to be steered, or no strength is other than 0.',
      },
    ];
  const rows = surestShifts(results);
  const [first] = rows;
  const moved = rows.filter(writesMore);
  const strengths = [...new Set(all.map(({ strength }) => strength))].sort((a, b) => a - b);
  const words = [
    `At ${strengths.length === 1 ? 'strength' : 'strengths'} ${listed(strengths.map(String))}, after ${counted(first.openings, 'opening')} on other topics: ${count(moved.length)} of ${counted(rows.length, 'task')} ${moved.length === 1 ? 'is' : 'are'} written more than untouched and than along ${counted(first.directions, 'random direction')} of equal norm, corrected over tasks and strengths. Random directions shift the first by ${decimal(first.random_shift)}.`,
  ];
  const judged = judge({
    p: first.p_over_family,
    smallest: 1 / (first.directions + 1),
    opposite: first.upper < 0,
    oppositeP: Math.max(...all.map((row) => row.opposite_p_over_family)),
  });
  let verdict = judged === 'supported' && !writesMore(first) ? 'no evidence' : judged;
  const judges = judgesRight(results);
  words.push(
    judges
      ? `A decoder of words alone judges, which finds the task of ${count(judges.right)} of ${count(judges.texts)} untouched texts; by chance one in ${count(judges.topics)}.`
      : 'How often the decoder of words that judges is right could not be tried: that takes texts that the model wrote in two sessions.',
  );
  if (verdict === 'supported' && judges && !(clopperPearson(judges.right, judges.texts).lower > 1 / judges.topics)) {
    verdict = 'no evidence';
    words.push('That is not surely above chance, so that this is not taken for support.');
  }
  return [
    {
      ...{ claim, verdict },
      effect: {
        what: `${taskName(first.task)} at strength ${first.strength}, shift of probability`,
        value: first.shift,
        lower: first.lower,
        upper: first.upper,
      },
      p: first.p_over_family,
      words: words.join(' '),
      refutedBy,
    },
  ];
}
