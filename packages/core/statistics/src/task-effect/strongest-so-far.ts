import { strongestCut } from '../network-overlap/strongest-cut.js';

/** The k largest of numbers that come one after another, in memory for twice as many. */
export interface StrongestSoFar {
  add(value: number): void;
  /** What a further number must reach to be among them, as far as that is known: from below. 0 at first. */
  floor(): number;
  /** The k-th largest; 0 where fewer came. */
  cut(): number;
}

/** @param k from 1; numbers are above 0 */
export function strongestSoFar(k: number): StrongestSoFar {
  const kept = new Float64Array(2 * k);
  let count = 0;
  let floor = 0;
  const prune = () => {
    floor = strongestCut(kept.subarray(0, count), k);
    let to = 0;
    // Of equals at the floor as many as there is room for: they decide nothing more.
    for (let i = 0; i < count; i++) if (kept[i] > floor) kept[to++] = kept[i];
    kept.fill(floor, to, k);
    count = k;
  };
  return {
    add(value) {
      if (!(value >= floor)) return;
      kept[count++] = value;
      if (count === kept.length) prune();
    },
    floor: () => floor,
    cut: () => (count < k ? 0 : strongestCut(kept.subarray(0, count), k)),
  };
}
