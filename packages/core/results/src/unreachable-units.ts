import type { ActivationColumn } from '@galvani/artifact';

/** For each unit of a layer 1 where it is the output of a head for a token that no text has. */
export function unreachableUnits(
  columns: readonly ActivationColumn[],
  ranges: readonly (readonly [from: number, until: number])[],
): Uint8Array {
  const unreachable = new Uint8Array(columns.reduce((sum, { width }) => sum + width, 0));
  let first = 0;
  for (const { kind, width } of columns) {
    if (kind === 'head')
      for (const [from, until] of ranges)
        unreachable.fill(1, first + Math.min(from, width), first + Math.min(until, width));
    first += width;
  }
  return unreachable;
}
