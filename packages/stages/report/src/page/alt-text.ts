/** The lowest and the highest of named numbers, for those who cannot see a figure: `from 0.10 (cooking) to 0.42 (music)`. */
export function rangeWords<T>(
  rows: readonly T[],
  value: (row: T) => number,
  name: (row: T) => string,
  written: (value: number) => string,
): string {
  const known = rows.filter((row) => Number.isFinite(value(row)));
  if (known.length === 0) return 'without a number';
  const [low, high] = known.reduce(
    ([least, most], row) => [value(row) < value(least) ? row : least, value(row) > value(most) ? row : most],
    [known[0], known[0]],
  );
  const say = (row: T) => `${written(value(row))} (${name(row)})`;
  return known.length === 1 ? say(low) : `from ${say(low)} to ${say(high)}`;
}
