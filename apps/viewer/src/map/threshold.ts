/** What of a map decides which units are drawn. */
export interface Ranked {
  /** Units that may be drawn, the most extreme statistic first. */
  order: Uint32Array;
  /** Their statistics' sizes, in that order. */
  size: Float64Array;
  /** For each place the largest corrected p of it and those before, as log10; NaN where none has one. */
  worst: ReadonlyMap<string, Float64Array>;
}

export type Sign = 'both' | 'positive' | 'negative';

/**
 * Ranks the units of a map, so that what a threshold leaves is found at once while it moves.
 *
 * @param statistic of each unit; NaN where it was not tested
 * @param corrected log10 p of each unit, by correction
 */
export function rankUnits(
  statistic: ArrayLike<number>,
  sign: Sign,
  corrected: ReadonlyMap<string, ArrayLike<number>>,
): Ranked {
  // Plain loops: the first map waits for them, and `from` with a function takes several times as long.
  const wanted = new Uint32Array(statistic.length);
  let count = 0;
  for (let unit = 0; unit < statistic.length; unit++) if (hasSign(statistic[unit], sign)) wanted[count++] = unit;
  const order = bySize(wanted.subarray(0, count), statistic);
  const size = new Float64Array(count);
  for (let place = 0; place < count; place++) size[place] = Math.abs(statistic[order[place]]);
  const worst = new Map<string, Float64Array>();
  for (const [name, log10p] of corrected) {
    const most = new Float64Array(count);
    let largest = Number.NaN;
    for (let place = 0; place < count; place++) {
      const own = log10p[order[place]];
      if (!(own <= largest) && !Number.isNaN(own)) largest = own;
      most[place] = largest;
    }
    worst.set(name, most);
  }
  return { order, size, worst };
}

/** Places of units in a packed key, and so many units at most. */
const places = 2 ** 22;

/**
 * Units by the size of their statistic, the largest first. Sizes in float32, whose bits have the order of their values, and units are packed into one
 * number each, since numbers alone are sorted ten times as fast as by a comparison; what float32 does not tell apart is set right after.
 */
function bySize(units: Uint32Array, statistic: ArrayLike<number>): Uint32Array {
  const size = (unit: number) => Math.abs(statistic[unit]);
  if (statistic.length > places) return units.sort((a, b) => size(b) - size(a));
  const single = new Float32Array(units.length);
  for (let u = 0; u < units.length; u++) single[u] = size(units[u]);
  const bits = new Uint32Array(single.buffer);
  const keys = new Float64Array(units.length);
  for (let u = 0; u < units.length; u++) keys[u] = bits[u] * places + (places - 1 - units[u]);
  keys.sort();
  const last = keys.length - 1;
  const order = new Uint32Array(units.length);
  for (let place = 0; place <= last; place++) order[place] = places - 1 - (keys[last - place] % places);
  for (let place = 1; place < order.length; place++) {
    const unit = order[place];
    let at = place;
    for (; at > 0 && size(order[at - 1]) < size(unit); at--) order[at] = order[at - 1];
    order[at] = unit;
  }
  return order;
}

/** Whether a statistic is one and has the sign that is wanted. A statistic of 0 has either. */
export const hasSign = (statistic: number, sign: Sign): boolean =>
  sign === 'both' ? !Number.isNaN(statistic) : sign === 'positive' ? statistic >= 0 : statistic <= 0;

/** How many units have a statistic of at least `threshold`: they are the first of the ranking. */
export function countAbove({ size }: Ranked, threshold: number): number {
  let [low, high] = [0, size.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (size[middle] >= threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The largest corrected p of those that are drawn, as log10: NaN where none is, or none has one. */
export function worstOf({ worst }: Ranked, correction: string, drawn: number): number {
  const most = worst.get(correction);
  return most && drawn > 0 ? most[drawn - 1] : Number.NaN;
}
