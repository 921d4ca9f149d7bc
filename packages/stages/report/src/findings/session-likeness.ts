import type { NetworkRepeatability } from '@galvani/artifact';
import { mean } from '../page/words.js';

/** How alike the runs of two tasks (or of one) are in different sessions, on average over pairs of sessions. */
export interface Likeness {
  task: string;
  other: string;
  /** Dice coefficient of the strongest units of the two runs. */
  dice: number;
  expectedDice: number;
  /** Pearson correlation of the two t maps over all units. */
  correlation: number;
}

/** Every ordered pair of tasks; a task with itself is its repeatability. NaN where no two sessions have both. */
export function sessionLikeness(rows: readonly NetworkRepeatability[], tasks: readonly string[]): Likeness[] {
  return tasks.flatMap((task) =>
    tasks.map((other) => {
      const own = rows.filter(
        (row) => (row.task === task && row.other_task === other) || (row.task === other && row.other_task === task),
      );
      return {
        task,
        other,
        dice: mean(own.map((row) => row.dice)),
        expectedDice: mean(own.map((row) => row.expected_dice)),
        correlation: mean(own.map((row) => row.correlation)),
      };
    }),
  );
}

/** A task's likeness to itself in other sessions beside that to the other task that it is most like. */
export interface Standing {
  task: string;
  own: Likeness;
  rival: Likeness;
}

/** For each task that can be compared with itself and with others. */
export function standings(likeness: readonly Likeness[], tasks: readonly string[]): Standing[] {
  return tasks.flatMap((task) => {
    const known = likeness.filter((pair) => pair.task === task && Number.isFinite(pair.correlation));
    const own = known.find((pair) => pair.other === task);
    const others = known.filter((pair) => pair.other !== task);
    if (!own || others.length === 0) return [];
    return [{ task, own, rival: others.reduce((a, b) => (b.correlation > a.correlation ? b : a)) }];
  });
}
