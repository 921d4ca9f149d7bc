/**
 * Number of different orders of a list in which equal items count once: n! / (n_1! n_2! ...). Infinity when it is huge.
 *
 * @example countArrangements([1, 1, 0, 0]) // 6
 */
export function countArrangements(kinds: readonly number[]): number {
  const seen = new Map<number, number>();
  let count = 1;
  // After i items the count is the multinomial of the first i: multiply by i, divide by how many of this kind there are.
  kinds.forEach((kind, i) => {
    const equal = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, equal);
    count = (count * (i + 1)) / equal;
  });
  return Math.round(count);
}

/**
 * Every different order of `items`, where items of one kind are interchangeable and keep their given order. The given
 * order is among them.
 *
 * @example listArrangements([...'abc'], (x) => (x === 'a' ? 0 : 1)).map((each) => each.join('')) // ['abc', 'bac', 'bca']
 */
export function listArrangements<T>(items: readonly T[], kindOf: (item: T) => number): T[][] {
  const ofKind = new Map<number, T[]>();
  for (const item of items) {
    const kind = kindOf(item);
    ofKind.set(kind, [...(ofKind.get(kind) ?? []), item]);
  }
  const queues = [...ofKind.values()];
  const used = queues.map(() => 0);
  const out: T[][] = [];
  const current: T[] = [];
  const place = (): void => {
    if (current.length === items.length) {
      out.push([...current]);
      return;
    }
    queues.forEach((queue, k) => {
      if (used[k] === queue.length) return;
      current.push(queue[used[k]++]);
      place();
      current.pop();
      used[k]--;
    });
  };
  place();
  return out;
}
