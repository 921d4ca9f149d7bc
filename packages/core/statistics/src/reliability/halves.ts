import { randomStream } from '@galvani/numerics';

/** Two choices of sessions with nothing in common, equally many. */
export type Halves = readonly [readonly number[], readonly number[]];

/**
 * All ways to split `count` things into two halves, each pair of halves once; of an odd number one thing is left out, each in turn. Where there are
 * more than `most` ways, so many drawn at random.
 *
 * @example halvesOf(4) // [[[0, 1], [2, 3]], [[0, 2], [1, 3]], [[0, 3], [1, 2]]]
 */
export function halvesOf(count: number, most = 500, seed: number | string = 1): Halves[] {
  const size = Math.floor(count / 2);
  if (size === 0) return [];
  const all = Array.from({ length: count }, (_, i) => i);
  if (ways(count) > most) {
    const stream = randomStream(seed, 'halves');
    const ordered = (items: number[]) => items.sort((a, b) => a - b);
    return Array.from({ length: most }, () => {
      const shuffled = stream.shuffled(all);
      return [ordered(shuffled.slice(0, size)), ordered(shuffled.slice(size, 2 * size))];
    });
  }
  return choices(all, 2 * size).flatMap((kept) =>
    choices(kept.slice(1), size - 1).map((others): Halves => {
      const first = [kept[0], ...others];
      return [first, kept.filter((own) => !first.includes(own))];
    }),
  );
}

function ways(count: number): number {
  const size = Math.floor(count / 2);
  let found = count % 2 === 1 ? count : 1;
  for (let i = 1; i <= size; i++) found *= (size + i) / i;
  return found / 2;
}

/** Choices of so many of the items, in their order. */
function choices<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => choices(items.slice(i + 1), size - 1).map((others) => [item, ...others]));
}
