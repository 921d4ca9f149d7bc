import type { Accuracy } from '@galvani/artifact';
import { whyAbsent } from '@galvani/study';
import { count, percent, probability } from '../../page/words.js';
import type { StudyResults } from '../../results/study-results.js';
import { judge, type Verdict } from './verdict.js';

type Decoded = Pick<StudyResults, 'decode' | 'tasks' | 'plan'>;

/** Whether activity that no network was formed from tells the task: a claim for runs and one for prompts. */
export function identified(results: Decoded): Verdict[] {
  return ['run', 'prompt'].map((level) => {
    const claim = `Activity of a held-out ${level} tells its task.`;
    const refutedBy =
      'An accuracy below what relabelled runs give: its whole interval, and a p of the lower tail of at most 0.05.';
    const row = results.decode.accuracy?.find((own) => own.level === level && own.total > 0);
    if (!row) {
      const words = whyAbsent(results.plan, 'decode') ?? `No held-out ${level} was identified yet.`;
      return { claim, verdict: 'cannot be said', words, refutedBy };
    }
    return {
      claim,
      verdict: judged(row, results),
      effect: { what: 'accuracy', value: row.accuracy, lower: row.lower, upper: row.upper, unit: 'share' },
      p: row.p,
      words: `${count(row.correct)} of ${count(row.total)} held-out ${level}s were identified; chance is ${percent(row.chance)}, by ${count(row.permutations)} permutations (p ${probability(row.p)}${row.upper < row.chance ? `; as few, p ${probability(row.opposite_p)}` : ''}).`,
      refutedBy,
    };
  });
}

/** Whether neither runs nor prompts were identified above chance, though it was tried: then tasks do not differ as far as is known. */
export function atChance(results: Decoded): boolean {
  const rows = (results.decode.accuracy ?? []).filter(({ total }) => total > 0);
  return rows.length > 0 && rows.every((row) => judged(row, results) !== 'supported');
}

function judged({ p, opposite_p: oppositeP, lower, upper, chance, permutations }: Accuracy, { tasks, plan }: Decoded) {
  const sessions = new Set(plan.runs.map(({ session }) => session)).size;
  const orders = tasks.reduce((product, _, k) => product * (k + 1), 1);
  // Names that change in all sessions together identify as many.
  const smallest = Math.max(1 / (permutations + 1), 1 / orders ** (sessions - 1));
  const above = judge({ p, smallest, opposite: upper < chance, oppositeP });
  return above === 'supported' && !(lower > chance) ? 'no evidence' : above;
}
