import { type RelabelledProducts, tileWidth } from './relabelled-sums.js';

/**
 * Finds the few units of a tile that can be beyond a relabelling's maximum so far, whichever session is left out: those with
 * sum^2 gain > squares, both summed over the other sessions (see EffectModel.gain).
 */
export interface Sieve {
  /** The units found, as far as `sift` says. */
  units: Int32Array;
  /**
   * @param rows of the products, [relabellings x sessions]
   * @param gains [relabellings of all blocks x sessions left out]
   * @returns how many units were found
   */
  sift(products: RelabelledProducts, rows: Int32Array, relabelling: number, gains: Float64Array, draw: number): number;
  /** The same of one unit and one session left out. */
  passes(
    products: RelabelledProducts,
    rows: Int32Array,
    relabelling: number,
    held: number,
    unit: number,
    gain: number,
  ): boolean;
}

export function createSieve(sessions: number): Sieve {
  const units = new Int32Array(tileWidth);
  const totals = { sum: new Float64Array(tileWidth), squares: new Float64Array(tileWidth) };
  const found = new Uint8Array(tileWidth);
  return {
    units,
    sift({ sum, squares }, rows, relabelling, gains, draw) {
      const first = relabelling * sessions;
      if (sessions === 4) return siftFour(sum, squares, rows, first, gains, draw * sessions, units);
      addRows(sum, rows, first, sessions, totals.sum);
      addRows(squares, rows, first, sessions, totals.squares);
      found.fill(0);
      for (let held = 0; held < sessions; held++)
        markBeyond(sum, squares, totals, rows[first + held] * tileWidth, gains[draw * sessions + held], found);
      let count = 0;
      for (let u = 0; u < tileWidth; u++) if (found[u]) units[count++] = u;
      return count;
    },
    passes({ sum, squares }, rows, relabelling, held, unit, gain) {
      let [own, ownSquares] = [0, 0];
      for (let s = 0; s < sessions; s++) {
        if (s === held) continue;
        const at = rows[relabelling * sessions + s] * tileWidth + unit;
        own += sum[at];
        ownSquares += squares[at];
      }
      return own * own * gain > ownSquares;
    },
  };
}

/** The default number of sessions, in one pass: less than half the time of the passes for any number. */
function siftFour(
  sum: Float32Array,
  squares: Float32Array,
  rows: Int32Array,
  first: number,
  gains: Float64Array,
  gainsFrom: number,
  units: Int32Array,
): number {
  const a = rows[first] * tileWidth;
  const b = rows[first + 1] * tileWidth;
  const c = rows[first + 2] * tileWidth;
  const d = rows[first + 3] * tileWidth;
  const gainA = gains[gainsFrom];
  const gainB = gains[gainsFrom + 1];
  const gainC = gains[gainsFrom + 2];
  const gainD = gains[gainsFrom + 3];
  let count = 0;
  for (let u = 0; u < tileWidth; u++) {
    const sumAB = sum[a + u] + sum[b + u];
    const sumCD = sum[c + u] + sum[d + u];
    const squaresAB = squares[a + u] + squares[b + u];
    const squaresCD = squares[c + u] + squares[d + u];
    const withoutA = sum[b + u] + sumCD;
    const withoutB = sum[a + u] + sumCD;
    const withoutC = sumAB + sum[d + u];
    const withoutD = sumAB + sum[c + u];
    if (
      withoutA * withoutA * gainA > squares[b + u] + squaresCD ||
      withoutB * withoutB * gainB > squares[a + u] + squaresCD ||
      withoutC * withoutC * gainC > squaresAB + squares[d + u] ||
      withoutD * withoutD * gainD > squaresAB + squares[c + u]
    )
      units[count++] = u;
  }
  return count;
}

/** Two rows at a time, which loads and stores the sums half as often. */
function addRows(from: Float32Array, rows: Int32Array, first: number, count: number, into: Float64Array): void {
  into.fill(0);
  for (let s = 0; s < count - 1; s += 2) {
    const [a, b] = [rows[first + s] * tileWidth, rows[first + s + 1] * tileWidth];
    for (let u = 0; u < tileWidth; u++) into[u] += from[a + u] + from[b + u];
  }
  if (count % 2 === 1)
    for (let u = 0, at = rows[first + count - 1] * tileWidth; u < tileWidth; u++, at++) into[u] += from[at];
}

function markBeyond(
  sum: Float32Array,
  squares: Float32Array,
  totals: { sum: Float64Array; squares: Float64Array },
  at: number,
  gain: number,
  found: Uint8Array,
): void {
  for (let u = 0; u < tileWidth; u++) {
    const own = totals.sum[u] - sum[at + u];
    if (own * own * gain > totals.squares[u] - squares[at + u]) found[u] = 1;
  }
}
