/** Which prompts make up which condition's pattern in which session. */
export interface PatternCells {
  /** Of each prompt its session, [prompts], from 0. */
  readonly session: ArrayLike<number>;
  /** Of each prompt its condition, [prompts], from 0. */
  readonly condition: ArrayLike<number>;
  readonly sessions: number;
  readonly conditions: number;
}

/**
 * Prompts of every condition in every session, [sessions x conditions] of places.
 * @throws RangeError where one has none
 */
export function cellRows({ session, condition, sessions, conditions }: PatternCells): Int32Array[] {
  const rows = Array.from({ length: sessions * conditions }, () => [] as number[]);
  for (let row = 0; row < session.length; row++) rows[session[row] * conditions + condition[row]].push(row);
  const empty = rows.findIndex((own) => own.length === 0);
  if (empty >= 0)
    throw new RangeError(`Condition ${empty % conditions} has no prompt in session ${Math.floor(empty / conditions)}.`);
  return rows.map((own) => Int32Array.from(own));
}

/** Pairs of conditions, the first before the second: 0-1, 0-2, ..., 1-2, ... */
export function conditionPairs(conditions: number): [a: number, b: number][] {
  const pairs: [number, number][] = [];
  for (let a = 0; a < conditions; a++) for (let b = a + 1; b < conditions; b++) pairs.push([a, b]);
  return pairs;
}
