import { decimal, taskName } from '../../page/words.js';
import type { StudyResults } from '../../results/study-results.js';
import { lesionSets, lesionWords, neededOf } from '../lesion.js';
import { judge, type Verdict } from './verdict.js';

/** Whether the model needs a task's network for its own topic more than for others; nothing of a study without lesions. */
export function neededNetworks(results: Pick<StudyResults, 'lesion'>): Verdict[] {
  if (!results.lesion?.matrix) return [];
  const claim = 'The model needs a task’s network for that task’s topic.';
  const refutedBy =
    'Networks without which their own topic loses less than others, and less than without matched units: the interval of the surest below 0, and p of the lower tail of at most 0.05 for all.';
  const [set] = lesionSets(results);
  if (!set || set.selectivity.length === 0)
    return [
      {
        ...{ claim, verdict: 'cannot be said', refutedBy },
        words: 'No network has units that could be lesioned, or no topic has texts that no run presents.',
      },
    ];
  const rows = [...set.selectivity].sort(
    (a, b) => a.p_over_networks - b.p_over_networks || b.selectivity - a.selectivity,
  );
  const [first] = rows;
  const needed = neededOf(set);
  const judged = judge({
    p: first.p_over_networks,
    smallest: 1 / (first.controls + 1),
    opposite: first.upper < 0,
    oppositeP: Math.max(...rows.map((row) => row.opposite_p_over_networks)),
  });
  return [
    {
      claim,
      // p is about the units, the interval about the texts: both have to speak for it.
      verdict: judged === 'supported' && !(first.lower > 0) ? 'no evidence' : judged,
      effect: {
        what: `selectivity of ${taskName(first.network)}, nats a token`,
        value: first.selectivity,
        lower: first.lower,
        upper: first.upper,
      },
      p: first.p_over_networks,
      words: `Lesions of ${lesionWords(set)}: ${needed.length} of ${rows.length} networks raise the loss of their own topic beside the others’ by more than ${first.controls} matched sets of units do, corrected over networks. Controls raise it by ${decimal(first.control_selectivity, 3)} for the first.`,
      refutedBy,
    },
  ];
}
