import { UserMistake } from '@galvani/terminal';

const [smallest, largest] = [1e-50, 1e50];

/**
 * Refuses a regressor whose squares, and products of these, float64 does not hold: it would be lost, or take others with it.
 *
 * @param what names the column, and where a person finds it, to begin the sentence with
 * @throws UserMistake where its largest value is beyond 1e-50 to 1e50 in size; zeros alone are let be
 */
export function requireRegressorRange(values: Iterable<number>, what: string): void {
  let most = 0;
  for (const value of values)
    if (!(Math.abs(value) <= most)) most = Number.isNaN(value) ? Number.POSITIVE_INFINITY : Math.abs(value);
  if (most === 0 || (most >= smallest && most <= largest)) return;
  throw new UserMistake(
    `${what} reaches ${most} in size, and the largest value of a regressor is between 1e-50 and 1e50: give it in another unit, which changes no t of the conditions.`,
  );
}
