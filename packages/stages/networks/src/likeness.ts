import type { NetworkLikeness, NetworkRepeatability } from '@galvani/artifact';

/** How alike the runs of every two tasks (or of one) are in different sessions, on average over pairs of sessions. */
export function likenessOf(rows: readonly NetworkRepeatability[], tasks: readonly string[]): NetworkLikeness[] {
  return tasks.flatMap((task) =>
    tasks.map((other_task) => {
      const own = rows.filter(
        (row) =>
          (row.task === task && row.other_task === other_task) || (row.task === other_task && row.other_task === task),
      );
      const mean = (column: 'dice' | 'expected_dice' | 'correlation') => meanOf(own.map((row) => row[column]));
      return {
        task,
        other_task,
        dice: mean('dice'),
        expected_dice: mean('expected_dice'),
        correlation: mean('correlation'),
      };
    }),
  );
}

/** Of the finite values; NaN where there are none. */
function meanOf(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? Number.NaN : finite.reduce((a, b) => a + b, 0) / finite.length;
}
