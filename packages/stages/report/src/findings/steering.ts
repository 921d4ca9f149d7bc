import type { SteerRow } from '@galvani/artifact';
import { count, decimal, listed, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { level } from './verdicts/verdict.js';

type Steered = Pick<StudyResults, 'steer'>;

/** Of each task the strength above 0 whose shift is surest. */
export function surestShifts({ steer: { shift = [] } = {} }: Steered): SteerRow[] {
  const tasks = [...new Set(shift.map(({ task }) => task))];
  return tasks
    .flatMap((task) =>
      shift
        .filter((row) => row.task === task && row.strength > 0)
        .sort((a, b) => a.p_over_family - b.p_over_family || b.shift - a.shift)
        .slice(0, 1),
    )
    .sort((a, b) => a.p_over_family - b.p_over_family || b.shift - a.shift);
}

/** How often the decoder that judges texts is right about texts that it did not learn from; undefined where it was not tried. */
export function judgesRight({ steer: { decoder = [] } = {} }: Steered) {
  const sum = (of: 'texts' | 'right') => decoder.reduce((total, row) => total + row[of], 0);
  return decoder.length === 0 ? undefined : { right: sum('right'), texts: sum('texts'), topics: decoder[0].topics };
}

/** What the model writes when it is steered; none of a study that nobody steered. */
export function steeringSentences(results: Steered): string[] {
  const rows = surestShifts(results);
  if (rows.length === 0) return [];
  const moved = rows.filter((row) => row.p_over_family <= level + 1e-12);
  const judge = judgesRight(results);
  const judged = judge
    ? ` (a decoder of words alone judges that, which finds the task of ${count(judge.right)} of ${count(judge.texts)} untouched texts that it did not learn from; by chance one in ${count(judge.topics)})`
    : '';
  const [most] = rows;
  const words = `${taskName(most.task)} at strength ${most.strength}: probability ${decimal(most.shift, 2)} more (95% interval ${decimal(most.lower, 2)} to ${decimal(most.upper, 2)}; random directions ${decimal(most.random_shift, 2)}, p ${probability(most.p_over_family)})`;
  return moved.length === 0
    ? [
        `Steered along its network the model writes no more of any of ${count(rows.length)} tasks than along random directions of equal norm${judged}. The surest is ${words}.`,
      ]
    : [
        `Steered along its network the model writes more of ${count(moved.length)} of ${count(rows.length)} tasks than along random directions of equal norm: ${listed(moved.map(({ task }) => taskName(task)))}${judged}.`,
        `The surest is ${words}; it costs ${decimal(most.read_change, 2)} nats a token on other texts (random directions ${decimal(most.random_read_change, 2)}).`,
      ];
}
