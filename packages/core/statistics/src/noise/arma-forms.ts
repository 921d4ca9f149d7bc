import { cholesky, choleskyLogDeterminant } from '@galvani/numerics';

/** Series whose noise is ARMA(1,1) within segments, in the shape that a search over ar and ma needs. */
export interface ArmaProblem {
  /** First row and rows of each segment, and the first row of it that may differ from zero. */
  segments: readonly { start: number; length: number; from: number }[];
  /** Columns of the design that differ from zero in each segment, and their values there, [active x length]. */
  active: readonly number[][];
  values: readonly Float64Array[];
  columns: number;
  /** X' V^-1 X is a multiple of the identity, the one that the first column has in the first segment. */
  proportional: boolean;
  /** Rows less rank, and rank. */
  df: number;
  rank: number;
  /** Distinct lengths, which one each segment has, and how many prompts of each there are. */
  lengths: readonly number[];
  lengthOf: readonly number[];
  prompts: readonly number[];
}

/**
 * How the criterion is computed at many ar for one ma. Without the start of segments the inverse of the noise's covariance is
 * A' B'^-1 B^-1 A, with A = 1 - ar L and B = 1 + ma L, L the lag. A is (1 + ar)/2 (1 - L) + (1 - ar)/2 (1 + L), so that a form
 * x' V^-1 y is quadratic in ar: it is made of the products of differences and of sums of neighbours in B^-1 x and B^-1 y. The
 * stationary start adds a matrix of rank one, whose form is quadratic in ar too, once its factor is known. So one pass over
 * the rows tells all that is to know for one ma. Of each pair x, y there are kept
 *
 *     sum dx dy, sum ex ey, 2 x y at the last row; and for each length u'dx u'dy, u'dx u'ey + u'ex u'dy, u'ex u'ey
 *
 * with d the differences, e the sums and u the powers of -ma.
 *
 * Source: Brockwell and Davis, Time Series: Theory and Methods (1991), chapter 8; the start by Sherman and Morrison.
 */
export interface ArmaForms {
  /** Numbers kept of each pair. */
  size: number;
  ma: number;
  /** Forms of the design with itself, [pairs of columns that meet in a segment x size]. */
  design: Float64Array;
  /** Where each pair is in the lower triangle of a matrix [columns x columns]. */
  cells: Int32Array;
  /** Sum of the squared powers of ma over each length. */
  powers: Float64Array;
}

/** Passes over rows at one ma after another. */
export function armaPasses(problem: ArmaProblem) {
  const { segments, active, values, columns, lengths, lengthOf } = problem;
  const size = 3 + 3 * lengths.length;
  const longest = Math.max(...lengths);
  const offsets: number[] = [];
  let stretches = 0;
  let edgeCells = 0;
  const edgeOffsets: number[] = [];
  segments.forEach(({ length }, s) => {
    offsets.push(stretches);
    edgeOffsets.push(edgeCells);
    stretches += active[s].length * length;
    edgeCells += active[s].length;
  });
  const differences = new Float64Array(stretches);
  const sums = new Float64Array(stretches);
  // Last row, u'd and u'e of each active column of each segment.
  const edges = new Float64Array(3 * edgeCells);
  const u = new Float64Array(longest);
  const d = new Float64Array(longest);
  const e = new Float64Array(longest);
  const meeting = active.flatMap((these) =>
    these.flatMap((i) => these.filter((j) => j <= i).map((j) => i * columns + j)),
  );
  const cells = Int32Array.from(new Set(problem.proportional ? meeting.slice(0, 1) : meeting)).sort();
  const pairOf = new Int32Array(columns * columns);
  cells.forEach((cell, pair) => {
    pairOf[cell] = pair * size;
  });
  let ma = 0;

  /** Takes the design to a value of ma. */
  function at(value: number): ArmaForms {
    ma = value;
    const powers = new Float64Array(lengths.length);
    let power = 1;
    const squares = new Float64Array(longest + 1);
    for (let t = 0; t < longest; t++) {
      u[t] = power;
      squares[t + 1] = squares[t] + power * power;
      // Below 1e-150 squares are lost, and numbers too small for their format are slow.
      power = Math.abs(power) > 1e-150 ? -ma * power : 0;
    }
    lengths.forEach((length, g) => {
      powers[g] = squares[length];
    });
    const design = new Float64Array(cells.length * size);
    segments.forEach(({ length }, s) => {
      const own = values[s];
      active[s].forEach((_, k) => {
        let before = 0;
        let ud = 0;
        let ue = 0;
        const to = offsets[s] + k * length;
        for (let t = 0; t < length; t++) {
          const now = own[k * length + t] - ma * before;
          differences[to + t] = now - before;
          sums[to + t] = now + before;
          ud += u[t] * (now - before);
          ue += u[t] * (now + before);
          before = now;
        }
        const edge = 3 * (edgeOffsets[s] + k);
        edges[edge] = before;
        edges[edge + 1] = ud;
        edges[edge + 2] = ue;
      });
      const group = 3 + 3 * lengthOf[s];
      const last = problem.proportional ? (s === 0 ? Math.min(1, columns) : 0) : active[s].length;
      for (let k = 0; k < last; k++) {
        for (let m = 0; m <= k; m++) {
          const [i, j] = [active[s][k], active[s][m]];
          const pair = pairOf[i * columns + j];
          const [a, b] = [offsets[s] + k * length, offsets[s] + m * length];
          design[pair] += product(differences, a, differences, b, length);
          design[pair + 1] += product(sums, a, sums, b, length);
          addEdges(design, pair, group, 3 * (edgeOffsets[s] + k), edges, 3 * (edgeOffsets[s] + m));
        }
      }
    });
    return { size, ma, design, cells, powers };
  }

  function addEdges(out: Float64Array, to: number, group: number, a: number, other: Float64Array, b: number): void {
    out[to + 2] += 2 * edges[a] * other[b];
    out[to + group] += edges[a + 1] * other[b + 1];
    out[to + group + 1] += edges[a + 1] * other[b + 2] + edges[a + 2] * other[b + 1];
    out[to + group + 2] += edges[a + 2] * other[b + 2];
  }

  const own = new Float64Array(3);
  const startOf = Int32Array.from(segments, ({ start }) => start);
  const fromOf = Int32Array.from(segments, ({ from }) => from);
  const lengthsOf = Int32Array.from(segments, ({ length }) => length);
  const groups = Int32Array.from(lengthOf, (g) => 3 + 3 * g);
  const cellsOf = Int32Array.from(offsets);
  const edgesOf = Int32Array.from(edgeOffsets, (at) => 3 * at);
  const columnsOf = active.map((these) => Int32Array.from(these));
  /** The forms of one unit at that ma: with itself, then with each column, [(1 + columns) x size], into `out` from `first` on. */
  function unit(y: Float64Array, firstRow: number, out: Float64Array, first = 0): void {
    const factor = -ma;
    out.fill(0, first, first + (1 + columns) * size);
    for (let s = 0; s < segments.length; s++) {
      const length = lengthsOf[s];
      const from = fromOf[s];
      const group = groups[s];
      const row = firstRow + startOf[s];
      let before = 0;
      let ud = 0;
      let ue = 0;
      let dd = 0;
      let ee = 0;
      for (let t = from; t < length; t++) {
        const now = y[row + t] + factor * before;
        const difference = now - before;
        const sum = now + before;
        d[t] = difference;
        e[t] = sum;
        dd += difference * difference;
        ee += sum * sum;
        ud += u[t] * difference;
        ue += u[t] * sum;
        before = now;
      }
      out[first] += dd;
      out[first + 1] += ee;
      out[first + 2] += 2 * before * before;
      out[first + group] += ud * ud;
      out[first + group + 1] += 2 * ud * ue;
      out[first + group + 2] += ue * ue;
      const these = columnsOf[s];
      own[0] = before;
      own[1] = ud;
      own[2] = ue;
      for (let k = 0; k < these.length; k++) {
        const to = first + (1 + these[k]) * size;
        const at = cellsOf[s] + k * length + from;
        out[to] += product(differences, at, d, from, length - from);
        out[to + 1] += product(sums, at, e, from, length - from);
        addEdges(out, to, group, edgesOf[s] + 3 * k, own, 0);
      }
    }
  }
  return { size, unitSize: (1 + columns) * size, at, unit };
}

/** Inner product of two stretches, in four sums that do not wait for each other. */
function product(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  let t = 0;
  for (; t + 3 < length; t += 4) {
    p += a[i + t] * b[j + t];
    q += a[i + t + 1] * b[j + t + 1];
    r += a[i + t + 2] * b[j + t + 2];
    s += a[i + t + 3] * b[j + t + 3];
  }
  for (; t < length; t++) p += a[i + t] * b[j + t];
  return p + q + (r + s);
}

/** What every unit needs at one (ar, ma): a form is the inner product of `weights` with its kept numbers. */
export interface ArmaPoint {
  weights: Float64Array;
  /** Cholesky factor of X' V^-1 X; its one number where that is a multiple of the identity. */
  factor: Float64Array;
  /** log determinants of V and of X' V^-1 X; NaN where the latter is not positive definite to rounding. */
  logs: number;
}

export function armaPoint(problem: ArmaProblem, forms: ArmaForms, ar: number, into?: ArmaPoint): ArmaPoint {
  const { columns, proportional, prompts, rank } = problem;
  const { size, design, cells, powers, ma } = forms;
  const point = into ?? {
    weights: new Float64Array(size),
    factor: new Float64Array(proportional ? 1 : columns * columns),
    logs: 0,
  };
  const { weights, factor } = point;
  const [p, q] = [(1 + ar) / 2, (1 - ar) / 2];
  weights[0] = p * p;
  weights[1] = q * q;
  weights[2] = p * q;
  // Variance of the first row beyond the one that B^-1 A would make white.
  const excess = ((ar + ma) * (ar + ma)) / (1 - ar * ar);
  point.logs = 0;
  for (let g = 0; g < powers.length; g++) {
    const determinant = 1 + excess * powers[g];
    const w = excess / determinant;
    weights[3 + 3 * g] = -w * p * p;
    weights[4 + 3 * g] = -w * p * q;
    weights[5 + 3 * g] = -w * q * q;
    point.logs += prompts[g] * Math.log(determinant);
  }
  if (columns === 0) return point;
  if (proportional) {
    factor[0] = form(weights, design, 0);
    point.logs += rank * Math.log(factor[0]);
    return point;
  }
  factor.fill(0);
  for (let pair = 0; pair < cells.length; pair++) factor[cells[pair]] = form(weights, design, pair * size);
  point.logs = cholesky(factor, columns) ? point.logs + choleskyLogDeterminant(factor, columns) : Number.NaN;
  return point;
}

/** Residual sum of squares of a unit at a point, from its forms; `scratch` has room for the columns. */
export function armaSquares(problem: ArmaProblem, point: ArmaPoint, unit: Float64Array, scratch: Float64Array): number {
  const { columns, proportional } = problem;
  const { weights, factor } = point;
  const size = weights.length;
  let sum = form(weights, unit, 0);
  let fitted = 0;
  if (proportional) {
    for (let k = 0, at = size; k < columns; k++, at += size) {
      const own = form(weights, unit, at);
      fitted += own * own;
    }
    return columns > 0 ? sum - fitted / factor[0] : sum;
  }
  for (let k = 0, at = size; k < columns; k++, at += size) {
    let own = form(weights, unit, at);
    const row = k * columns;
    for (let m = 0; m < k; m++) own -= factor[row + m] * scratch[m];
    own /= factor[row + k];
    scratch[k] = own;
    sum -= own * own;
  }
  return sum;
}

/** A form at a point, from the numbers kept of its pair. */
function form(weights: Float64Array, kept: Float64Array, at: number): number {
  let sum =
    weights[0] * kept[at] +
    weights[1] * kept[at + 1] +
    weights[2] * kept[at + 2] +
    (weights[3] * kept[at + 3] + weights[4] * kept[at + 4] + weights[5] * kept[at + 5]);
  for (let i = 6; i < weights.length; i++) sum += weights[i] * kept[at + i];
  return sum;
}
