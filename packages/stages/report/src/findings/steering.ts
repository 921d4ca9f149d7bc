import type { SteerRow } from '@galvani/artifact';
import { count, counted, decimal, listed, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { level } from './verdicts/verdict.js';

type Steered = Pick<StudyResults, 'steer'>;

/** Whether a task is written more: p speaks of random directions, the interval over openings of the untouched model, and both have to say so. */
export const writesMore = ({ p_over_family, lower }: SteerRow): boolean => p_over_family <= level + 1e-12 && lower > 0;

const surer = (a: SteerRow, b: SteerRow) =>
  Number(writesMore(b)) - Number(writesMore(a)) || a.p_over_family - b.p_over_family || b.shift - a.shift;

/** Rows of strengths above 0. */
export const amplified = ({ steer: { shift = [] } = {} }: Steered): SteerRow[] =>
  shift.filter(({ strength }) => strength > 0);

/** Of each task the strength above 0 whose shift is surest, the surest task first. */
export function surestShifts(results: Steered): SteerRow[] {
  const rows = amplified(results).sort(surer);
  return rows.filter((row, r) => rows.findIndex(({ task }) => task === row.task) === r);
}

/** How often the decoder that judges texts is right about untouched texts that it did not learn from; undefined where there were none. */
export function judgesRight({ steer: { decoder = [] } = {} }: Steered) {
  const sum = (of: 'texts' | 'right') => decoder.reduce((total, row) => total + row[of], 0);
  return sum('texts') === 0 ? undefined : { right: sum('right'), texts: sum('texts'), topics: decoder[0].topics };
}

/** What the model writes when it is steered; none of a study that nobody steered. */
export function steeringSentences(results: Steered): string[] {
  const rows = surestShifts(results);
  if (rows.length === 0) return [];
  const moved = rows.filter(writesMore);
  const judge = judgesRight(results);
  const judged = judge
    ? ` (a decoder of words alone judges that, which finds the task of ${count(judge.right)} of ${count(judge.texts)} untouched texts that it did not learn from; by chance one in ${count(judge.topics)})`
    : '';
  const [most] = rows;
  const words = `${taskName(most.task)} at strength ${most.strength}: probability ${decimal(most.shift, 2)} more (95% interval ${decimal(most.lower, 2)} to ${decimal(most.upper, 2)}; random directions ${decimal(most.random_shift, 2)}, p ${probability(most.p_over_family)})`;
  return moved.length === 0
    ? [
        `Steered along its network the model writes of none of ${counted(rows.length, 'task')} surely more than untouched and than along random directions of equal norm${judged}. The surest is ${words}.`,
      ]
    : [
        `Steered along its network the model writes more of ${count(moved.length)} of ${counted(rows.length, 'task')} than untouched and than along random directions of equal norm: ${listed(moved.map(({ task }) => taskName(task)))}${judged}.`,
        `The surest is ${words}; it costs ${decimal(most.read_change, 2)} nats a token on other texts (random directions ${decimal(most.random_read_change, 2)}).`,
      ];
}
