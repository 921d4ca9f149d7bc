import { type ColumnSpace, columnSpace, dependencies } from '@galvani/numerics';
import { UserMistake } from '@galvani/terminal';
import type { Segments } from './layout.js';

/** A design: what each row of the series is expected to be made of. */
export interface DesignMatrix {
  /** Name of each column. */
  names: string[];
  /** [rows x columns], row-major. */
  X: Float64Array;
  rows: number;
  columns: number;
}

/** Joins designs of equal rows side by side. Throws where a name comes twice. */
export function joinDesigns(...parts: DesignMatrix[]): DesignMatrix {
  const rows = parts[0].rows;
  const names = parts.flatMap((part) => part.names);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new RangeError(`the design has two columns named ${twice}`);
  const X = new Float64Array(rows * names.length);
  let at = 0;
  for (const part of parts) {
    if (part.rows !== rows) throw new RangeError(`a design of ${part.rows} rows joined to one of ${rows}`);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < part.columns; j++) X[i * names.length + at + j] = part.X[i * part.columns + j];
    }
    at += part.columns;
  }
  return { names, X, rows, columns: names.length };
}

/**
 * Columns by name: pairs (a Map is that) where a person chose the names, since an object puts 1 and 10 first; an object
 * where the code did.
 */
export type NamedColumns =
  | Iterable<readonly [name: string, values: ArrayLike<number>]>
  | Readonly<Record<string, ArrayLike<number>>>;

/** The columns as pairs. */
export function columnPairs(columns: NamedColumns): (readonly [name: string, values: ArrayLike<number>])[] {
  return Symbol.iterator in columns
    ? [...(columns as Iterable<readonly [string, ArrayLike<number>]>)]
    : Object.entries(columns);
}

/** A design from named columns. */
export function designOf(columns: NamedColumns): DesignMatrix {
  const pairs = columnPairs(columns);
  const rows = pairs[0][1].length;
  const X = new Float64Array(rows * pairs.length);
  pairs.forEach(([name, values], j) => {
    if (values.length !== rows) throw new RangeError(`column ${name} has ${values.length} rows, not ${rows}`);
    for (let i = 0; i < rows; i++) X[i * pairs.length + j] = values[i];
  });
  return { names: pairs.map(([name]) => name), X, rows, columns: pairs.length };
}

/**
 * The mean of each column over the rows of each segment: what is left of a design when a prompt is one observation. Means
 * that are rounding of the column's values are zero, so that what cancels within prompts does not count as a regressor.
 */
export function segmentMeans(design: DesignMatrix, segments: Segments): DesignMatrix {
  const known = meansOfDesign.get(design);
  if (known?.segments === segments) return known.means;
  const means = findMeans(design, segments);
  meansOfDesign.set(design, { segments, means });
  return means;
}

/** Many chunks of units are fitted with one design. */
const meansOfDesign = new WeakMap<DesignMatrix, { segments: Segments; means: DesignMatrix }>();

function findMeans(design: DesignMatrix, segments: Segments): DesignMatrix {
  const { columns, names } = design;
  const X = new Float64Array(segments.count * columns);
  const size = new Float64Array(columns);
  for (let at = 0; at < design.X.length; at++)
    size[at % columns] = Math.max(size[at % columns], Math.abs(design.X[at]));
  for (let s = 0; s < segments.count; s++) {
    for (let j = 0; j < columns; j++) {
      const first = design.X[segments.start[s] * columns + j];
      // About the first value, so that a column that is constant in the segment keeps its exact value.
      let excess = 0;
      for (let i = 1; i < segments.length[s]; i++) excess += design.X[(segments.start[s] + i) * columns + j] - first;
      const mean = first + excess / segments.length[s];
      X[s * columns + j] = Math.abs(mean) > 1e-13 * size[j] ? mean : 0;
    }
  }
  return { names, X, rows: segments.count, columns };
}

/** For each column, whether it keeps one value within every segment. */
export function constantWithin(design: DesignMatrix, segments: Segments): boolean[] {
  const { columns, X } = design;
  return Array.from({ length: columns }, (_, j) => {
    for (let i = 1; i < design.rows; i++) {
      if (segments.ofRow[i] === segments.ofRow[i - 1] && X[i * columns + j] !== X[(i - 1) * columns + j]) return false;
    }
    return true;
  });
}

/** What a design can tell: its rank, a basis of its row space, and the combination of columns that is constantly one. */
export interface DesignSpace {
  columns: number;
  /** Of the columns, for messages. */
  names: readonly string[];
  /** The one rank that dispersion and degrees of freedom both use. */
  rank: number;
  /** [rank x columns]: fitting X basis' by rank coefficients theta, the coefficients of the columns are basis' theta. */
  basis: Float64Array;
  /** Coefficients g with X g = 1, where a constant can be made of the columns: then a unit's level is free to shift. */
  constant: Float64Array | undefined;
  /** Combinations of columns that vanish, [columns - rank] vectors of columns: what cannot be told apart. */
  nullSpace: Float64Array[];
  space: ColumnSpace;
}

/**
 * The space of a design. A full-rank design keeps its own columns as the basis; in a rank-deficient one the coefficients
 * are the shortest (columns scaled to length one), as the pseudo-inverse gives.
 */
export function designSpace(design: DesignMatrix): DesignSpace {
  const known = spaces.get(design);
  if (known !== undefined) return known;
  const found = findSpace(design);
  spaces.set(design, found);
  return found;
}

/** Many chunks of units are fitted with one design. */
const spaces = new WeakMap<DesignMatrix, DesignSpace>();

function findSpace(design: DesignMatrix): DesignSpace {
  const { names, columns, rows, X } = design;
  const space = columnSpace(X, rows, columns);
  const { rank, pivots, lengths } = space;
  const nullSpace: Float64Array[] = [];
  const basis = new Float64Array(rank * columns);
  if (rank === columns) {
    for (let j = 0; j < columns; j++) basis[j * columns + j] = 1;
  } else {
    const coefficients = dependencies(space);
    for (let d = 0; d < columns - rank; d++) {
      const vector = new Float64Array(columns);
      const own = pivots[rank + d];
      vector[own] = -1;
      if (lengths[own] > 0) for (let i = 0; i < rank; i++) vector[pivots[i]] = coefficients[d * rank + i];
      nullSpace.push(vector);
    }
    orthogonalRows(nullSpace, lengths, columns).forEach((row, i) => {
      basis.set(row, i * columns);
    });
  }
  return { columns, names, rank, basis, constant: constantCombination(design, space), nullSpace, space };
}

/** The part of the last independent column, of length one, that does not follow from the others. */
function leastShare({ rank, columns, space: { r } }: DesignSpace): number {
  return rank === 0 ? 1 : Math.abs(r[(rank - 1) * (columns + 1)] / r[0]);
}

/**
 * Columns are told apart down to a share of 1e-9, but products of columns, which the fits invert, hold its square: below 1e-6
 * too few of their digits are left.
 *
 * @throws UserMistake that names the column
 */
export function requireInvertible(space: DesignSpace): void {
  if (leastShare(space) < 1e-6) throw nearlyCollinear(space);
}

/** What to say of a design whose columns are told apart, but not well enough for their products to be inverted. */
export function nearlyCollinear(design: DesignSpace): UserMistake {
  const { names, rank, space } = design;
  // The last column taken, as if it followed from those before it.
  const relation = dependencies({ ...space, rank: rank - 1 });
  const involved = names.filter((_, j) => {
    const at = space.pivots.indexOf(j);
    return at === rank - 1 || (at < rank - 1 && relation[at] !== 0);
  });
  return new UserMistake(
    `The design cannot be fitted: columns ${involved.map((name) => `'${name}'`).join(', ')} are collinear but for ${leastShare(design).toExponential(0)}. Leave one of them out.`,
  );
}

/** Rows that span the orthogonal complement of the null space, in columns scaled to length one (Gram and Schmidt, twice). */
function orthogonalRows(nullSpace: Float64Array[], lengths: Float64Array, columns: number): Float64Array[] {
  const scale = lengths.map((length) => (length > 0 ? length : 1));
  const taken: Float64Array[] = [];
  const project = (v: Float64Array) => {
    for (let pass = 0; pass < 2; pass++) {
      for (const q of taken) {
        let dot = 0;
        for (let j = 0; j < columns; j++) dot += q[j] * v[j];
        for (let j = 0; j < columns; j++) v[j] -= dot * q[j];
      }
    }
    return Math.hypot(...v);
  };
  for (const vector of nullSpace) {
    const v = vector.map((value, j) => value * scale[j]);
    const size = project(v);
    taken.push(v.map((value) => value / size));
  }
  const missing = taken.length;
  const candidates = Array.from({ length: columns }, (_, j) => j);
  while (taken.length < columns) {
    let best: { v: Float64Array; size: number; j: number } | undefined;
    for (const j of candidates) {
      const v = new Float64Array(columns);
      v[j] = 1;
      const size = project(v);
      if (best === undefined || size > best.size * (1 + 1e-9)) best = { v, size, j };
    }
    const { v, size, j } = best as { v: Float64Array; size: number; j: number };
    candidates.splice(candidates.indexOf(j), 1);
    taken.push(v.map((value) => value / size));
  }
  return taken.slice(missing).map((row) => row.map((value, j) => value / scale[j]));
}

/** Least squares of a column of ones on the design, where it fits to rounding. */
function constantCombination(design: DesignMatrix, space: ColumnSpace): Float64Array | undefined {
  const { rows, columns, X } = design;
  const withOne = new Float64Array(rows * (space.rank + 1));
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < space.rank; k++) withOne[i * (space.rank + 1) + k] = X[i * columns + space.pivots[k]];
    withOne[i * (space.rank + 1) + space.rank] = 1;
  }
  const { rank, pivots, r, lengths } = columnSpace(withOne, rows, space.rank + 1);
  if (rank > space.rank) return undefined;
  // Pivoting may have taken the ones and left another column over: solve the dependency for the ones.
  const relation = dependencies({ rank, pivots, r, lengths, tolerance: 0 });
  const vector = new Float64Array(space.rank + 1);
  vector[pivots[rank]] = -1;
  for (let i = 0; i < rank; i++) vector[pivots[i]] = relation[i];
  const g = new Float64Array(columns);
  for (let k = 0; k < space.rank; k++) g[space.pivots[k]] = -vector[k] / vector[space.rank];
  for (let i = 0; i < rows; i++) {
    let fitted = 0;
    for (let j = 0; j < columns; j++) fitted += X[i * columns + j] * g[j];
    if (Math.abs(fitted - 1) > 1e-9) return undefined;
  }
  return g;
}
