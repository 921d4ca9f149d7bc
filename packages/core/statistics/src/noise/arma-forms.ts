/** Rows and a design, by segments. */
export interface ArmaSeries {
  segments: readonly { start: number; length: number }[];
  /** Columns of the design that differ from zero in each segment, and their values there, [active x length]. */
  active: readonly number[][];
  values: readonly Float64Array[];
  columns: number;
  /** Where pairs of columns are that meet in a segment: see `meetingCells`. */
  cells: Int32Array;
  /** Distinct lengths, which one each segment has, and how many segments of each there are. */
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
  ma: number;
  /** What is kept of the design: here forms with itself, [pairs of columns that meet in a segment x size]. */
  design: Float64Array;
  /** Sum of the squared powers of ma over each length. */
  powers: Float64Array;
}

/** Passes over rows at one ma after another. */
export function armaPasses({ segments, active, values, columns, cells, lengths, lengthOf }: ArmaSeries) {
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
  const pairOf = new Int32Array(columns * columns);
  cells.forEach((cell, pair) => {
    pairOf[cell] = pair * size;
  });
  const gram = new Float64Array(cells.length * size);
  segments.forEach(({ length }, s) => {
    for (let k = 0; k < active[s].length; k++) {
      for (let m = 0; m <= k; m++)
        gram[pairOf[active[s][k] * columns + active[s][m]]] += product(
          values[s],
          k * length,
          values[s],
          m * length,
          length,
        );
    }
  });
  let ma = 0;
  let lagged = false;

  /**
   * From sum zx zy over all rows of a segment but its last, z = B^-1 x, to the products of differences and of sums: x'y is the
   * same at every ma, and tells the products of neighbours, unless ma is small.
   */
  function fromLagged(out: Float64Array, to: number, own: number): void {
    const edge = out[to + 2] / 2;
    const squares = 2 * out[to] + edge;
    const neighbours = (own - (1 + ma * ma) * out[to] - edge) / ma;
    out[to] = squares - neighbours;
    out[to + 1] = squares + neighbours;
  }

  /** Takes the design to a value of ma. */
  function at(value: number): ArmaForms {
    ma = value;
    lagged = Math.abs(ma) > 0.2;
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
          differences[to + t] = lagged ? now : now - before;
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
      for (let k = 0; k < active[s].length; k++) {
        for (let m = 0; m <= k; m++) {
          const [i, j] = [active[s][k], active[s][m]];
          const pair = pairOf[i * columns + j];
          const [a, b] = [offsets[s] + k * length, offsets[s] + m * length];
          design[pair] += product(differences, a, differences, b, lagged ? length - 1 : length);
          if (!lagged) design[pair + 1] += product(sums, a, sums, b, length);
          addEdges(design, pair, group, 3 * (edgeOffsets[s] + k), edges, 3 * (edgeOffsets[s] + m));
        }
      }
    });
    if (lagged) for (let pair = 0; pair < design.length; pair += size) fromLagged(design, pair, gram[pair]);
    return { ma, design, powers };
  }

  function addEdges(out: Float64Array, to: number, group: number, a: number, other: Float64Array, b: number): void {
    out[to + 2] += 2 * edges[a] * other[b];
    out[to + group] += edges[a + 1] * other[b + 1];
    out[to + group + 1] += edges[a + 1] * other[b + 2] + edges[a + 2] * other[b + 1];
    out[to + group + 2] += edges[a + 2] * other[b + 2];
  }

  const own = new Float64Array(3);
  const startOf = Int32Array.from(segments, ({ start }) => start);
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
      const group = groups[s];
      const row = firstRow + startOf[s];
      let before = 0;
      let ud = 0;
      let ue = 0;
      let dd = 0;
      let ee = 0;
      for (let t = 0; t < length; t++) {
        const now = y[row + t] + factor * before;
        const difference = now - before;
        const sum = now + before;
        d[t] = lagged ? now : difference;
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
        addEdges(out, to, group, edgesOf[s] + 3 * k, own, 0);
      }
      addProducts(differences, cellsOf[s], length, lagged ? length - 1 : length, d, these, out, first, size);
      if (!lagged) addProducts(sums, cellsOf[s], length, length, e, these, out, first + 1, size);
    }
    // Residuals have no x'y.
    if (lagged) for (let k = 1; k <= columns; k++) fromLagged(out, first + k * size, 0);
  }
  return { unitSize: (1 + columns) * size, at, unit };
}

/** Where each pair of columns that meet in a segment is in the lower triangle of a matrix [columns x columns]. */
export function meetingCells(active: readonly number[][], columns: number): Int32Array {
  const met = active.flatMap((these) => these.flatMap((i) => these.filter((j) => j <= i).map((j) => i * columns + j)));
  return Int32Array.from(new Set(met)).sort();
}

/** Inner product of two stretches, in four sums that do not wait for each other. */
export function product(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
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

/** Adds the inner products of stretches one after the other with one vector, four at a time, to the places of their columns. */
function addProducts(
  values: Float64Array,
  at: number,
  length: number,
  terms: number,
  y: Float64Array,
  columns: Int32Array,
  out: Float64Array,
  first: number,
  size: number,
): void {
  let k = 0;
  for (; k + 3 < columns.length; k += 4) {
    const a = at + k * length;
    const b = a + length;
    const c = b + length;
    const d = c + length;
    let p = 0;
    let q = 0;
    let r = 0;
    let s = 0;
    for (let t = 0; t < terms; t++) {
      const value = y[t];
      p += values[a + t] * value;
      q += values[b + t] * value;
      r += values[c + t] * value;
      s += values[d + t] * value;
    }
    out[first + (1 + columns[k]) * size] += p;
    out[first + (1 + columns[k + 1]) * size] += q;
    out[first + (1 + columns[k + 2]) * size] += r;
    out[first + (1 + columns[k + 3]) * size] += s;
  }
  for (; k < columns.length; k++) out[first + (1 + columns[k]) * size] += product(values, at + k * length, y, 0, terms);
}
