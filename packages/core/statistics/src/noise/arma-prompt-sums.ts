/**
 * Sums of a prompt's tokens that ARMA(1,1) needs where regressors are constant within prompts. With r = -ma, d = r - ar and a
 * variance of one of the innovations the inverse covariance of n tokens is
 *
 *     V^-1 = I + d Q1 + d^2 Q2 - w (u + d e)(u + d e)',  u_i = r^i,  e_i = r^(i+1) [n-1-i](r^2),  [k](x) = 1 + x + ... + x^(k-1)
 *     Q1_ij = r^(|i-j|-1) off the diagonal,  Q2_ij = r^|i-j| [n-1-max(i,j)](r^2)
 *     w = k / (1 + k u'u),  k = d^2 / (1 - ar^2)
 *
 * It is the same read backwards, and so only sums of products over both directions are needed. V^-1 1 is alpha + beta v with
 * v_i = [i](r) [n-1-i](r), whatever ar is. All of these are polynomials in r.
 *
 * Source: Brockwell and Davis, Time Series: Theory and Methods (1991), chapter 8; the start by Sherman and Morrison.
 */

/** Numbers of the quadratic form that depend on ma: along Q1, Q2, uu', ue' + eu' (halved) and ee'. */
export const formSize = 5;
/** Numbers that V^-1 1 needs of a length at one ma. */
export const meanSize = 7;

/** Pairs of tokens i >= j, each standing for itself and the pair that it is read backwards. */
export function foldedPairs(n: number): { i: Int32Array; j: Int32Array } {
  const i: number[] = [];
  const j: number[] = [];
  for (let b = 0; 2 * b < n; b++) {
    for (let a = b; a + b < n; a++) {
      i.push(a);
      j.push(b);
    }
  }
  return { i: Int32Array.from(i), j: Int32Array.from(j) };
}

/** Adds the sums over both directions of a symmetric matrix, given as its lower triangle, to `out` from `to` on. */
export function foldProducts(lower: Float64Array, n: number, out: Float64Array, to: number): void {
  for (let b = 0; 2 * b < n; b++) {
    for (let a = b; a + b < n; a++) {
      let sum = lower[a * n + b];
      if (a + b !== n - 1) sum += lower[(n - 1 - b) * n + n - 1 - a];
      out[to++] = a === b ? sum : 2 * sum;
    }
  }
}

/** What one length contributes at one ma. */
export interface PromptTables {
  /** Values of the five matrices at each folded pair, [pairs x 5]. */
  forms: Float64Array;
  /** v of the first half of the tokens. */
  v: Float64Array;
  /** Computes both at r, and what V^-1 1 needs into `means` from `at` on: see `alphaBeta`. */
  take(r: number, means: Float64Array, at: number): void;
}

export function promptTables(n: number, { i, j }: { i: Int32Array; j: Int32Array }): PromptTables {
  const forms = new Float64Array(i.length * formSize);
  const v = new Float64Array(Math.ceil(n / 2));
  const powers = new Float64Array(2 * n);
  const sums = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  const e = new Float64Array(n);

  function take(r: number, means: Float64Array, at: number): void {
    powers[0] = 1;
    // Below 1e-150 squares are lost, and numbers too small for their format are slow.
    for (let t = 1; t < 2 * n; t++) powers[t] = Math.abs(powers[t - 1]) > 1e-150 ? r * powers[t - 1] : 0;
    let crossed = 0;
    for (let t = 0; t < n; t++) {
      crossed += powers[t] * sums[t];
      sums[t + 1] = sums[t] + powers[t];
      squares[t + 1] = squares[t] + powers[2 * t];
    }
    for (let t = 0; t < n; t++) e[t] = powers[t + 1] * squares[n - 1 - t];
    for (let pair = 0, to = 0; pair < i.length; pair++, to += formSize) {
      const a = i[pair];
      const b = j[pair];
      const c = n - 1 - b;
      const d = n - 1 - a;
      const lag = a - b;
      forms[to] = lag > 0 ? powers[lag - 1] : 0;
      forms[to + 1] = (powers[lag] * (squares[n - 1 - a] + squares[b])) / 2;
      forms[to + 2] = (powers[a] * powers[b] + powers[c] * powers[d]) / 2;
      forms[to + 3] = (powers[a] * e[b] + powers[b] * e[a] + powers[c] * e[d] + powers[d] * e[c]) / 4;
      forms[to + 4] = (e[a] * e[b] + e[c] * e[d]) / 2;
    }
    let total = 0;
    for (let t = 0; t < n; t++) {
      const back = n - 1 - t;
      // Of an even number of tokens without the factor 1 + r, which is zero at ma = 1.
      const value =
        n % 2 === 0 ? (t % 2 === 0 ? squares[t / 2] * sums[back] : squares[back / 2] * sums[t]) : sums[t] * sums[back];
      if (t < v.length) v[t] = value;
      total += value;
    }
    means[at] = sums[n];
    means[at + 1] = sums[n - 1];
    means[at + 2] = crossed;
    means[at + 3] = powers[n - 1];
    means[at + 4] = n > 1 ? powers[n - 2] : 0;
    means[at + 5] = n > 2 ? v[1] : 0;
    means[at + 6] = total;
  }

  return { forms, v, take };
}

/** alpha, beta and 1'V^-1 1 of a length at one ar, into `out` from `to` on. */
export function alphaBeta(
  n: number,
  r: number,
  d: number,
  w: number,
  means: Float64Array,
  at: number,
  out: Float64Array,
  to: number,
): void {
  const along = means[at] + d * means[at + 2];
  const alpha = 1 + d * means[at + 1] - w * means[at + 3] * along;
  const second = means[at + 5];
  const power = means[at + 4];
  const beta = n > 2 ? (d * (alpha - power) - w * power * (1 - r) * along) / second : 0;
  out[to] = alpha;
  out[to + 1] = beta;
  out[to + 2] = n * alpha + beta * means[at + 6];
}

/** Five sums of folded products at one ma, into `out` at `to` and the four places after it. */
export function formsOf(table: Float64Array, y: Float64Array, from: number, out: Float64Array, to: number): void {
  let p = 0;
  let q = 0;
  let s = 0;
  let t = 0;
  let u = 0;
  for (let k = 0, at = from; k < table.length; k += formSize, at++) {
    const value = y[at];
    p += table[k] * value;
    q += table[k + 1] * value;
    s += table[k + 2] * value;
    t += table[k + 3] * value;
    u += table[k + 4] * value;
  }
  out[to] = p;
  out[to + 1] = q;
  out[to + 2] = s;
  out[to + 3] = t;
  out[to + 4] = u;
}

/** Adds the products of n values with each other, of many rows and four at a time, to a lower triangle. */
export function addAllProducts(
  out: Float64Array,
  values: Float64Array,
  start: ArrayLike<number>,
  rows: readonly number[],
  n: number,
): void {
  let row = 0;
  for (; row + 3 < rows.length; row += 4) {
    const a = start[rows[row]];
    const b = start[rows[row + 1]];
    const c = start[rows[row + 2]];
    const d = start[rows[row + 3]];
    for (let t = 0; t < n; t++) {
      const p = values[a + t];
      const q = values[b + t];
      const r = values[c + t];
      const s = values[d + t];
      for (let k = 0; k <= t; k++) {
        out[t * n + k] += p * values[a + k] + q * values[b + k] + (r * values[c + k] + s * values[d + k]);
      }
    }
  }
  for (; row < rows.length; row++) {
    const a = start[rows[row]];
    for (let t = 0; t < n; t++) for (let k = 0; k <= t; k++) out[t * n + k] += values[a + t] * values[a + k];
  }
}
