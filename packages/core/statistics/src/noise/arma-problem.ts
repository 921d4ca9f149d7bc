import type { Segments } from '../layout.js';
import { type ArmaForms, armaPasses, meetingCells } from './arma-forms.js';
import { type ArmaPoint, armaPoint, armaSquares } from './arma-point.js';

/** Series whose noise is ARMA(1,1) within segments, in the shape that a search over ar and ma needs. */
export interface ArmaProblem {
  /** Rows less rank. */
  df: number;
  /** Distinct lengths of segments. */
  lengths: readonly number[];
  /** Numbers of a unit's least-squares residuals as `pose` puts them down. */
  rows: number;
  /** Residuals [rows of the design] into `out`, from `to` on. */
  pose(residuals: Float64Array, out: Float64Array, to: number): void;
  /** Numbers kept of a unit at one ma. */
  unitSize: number;
  /** Takes the design to a value of ma. */
  at(ma: number): ArmaForms;
  /** Those of a unit at that ma, into `out` from `to` on. */
  unit(y: Float64Array, firstRow: number, out: Float64Array, to?: number): void;
  /** What every unit needs at one ar. */
  point(forms: ArmaForms, ar: number, into?: ArmaPoint): ArmaPoint;
  /** Residual sum of squares of a unit there. */
  squares(point: ArmaPoint, unit: Float64Array): number;
}

/** Distinct lengths, which one each segment has, and how many segments of each there are. */
export function distinct(all: readonly number[]) {
  const lengths = [...new Set(all)].sort((a, b) => a - b);
  const lengthOf = all.map((length) => lengths.indexOf(length));
  return { lengths, lengthOf, prompts: lengths.map((_, g) => lengthOf.filter((own) => own === g).length) };
}

/** Any design: the rows as they are, and in each segment the columns of the design that are not zero there. */
export function generalProblem(x: Float64Array, rows: number, rank: number, { start, length }: Segments): ArmaProblem {
  const segments = Array.from(start, (first, s) => ({ start: first, length: length[s] }));
  const active = segments.map((segment) => {
    const found: number[] = [];
    for (let j = 0; j < rank; j++) {
      let some = false;
      for (let t = 0; t < segment.length && !some; t++) some = x[(segment.start + t) * rank + j] !== 0;
      if (some) found.push(j);
    }
    return found;
  });
  const values = segments.map((segment, s) =>
    Float64Array.from({ length: active[s].length * segment.length }, (_, at) => {
      const k = Math.floor(at / segment.length);
      return x[(segment.start + (at % segment.length)) * rank + active[s][k]];
    }),
  );
  const series = {
    segments,
    active,
    values,
    columns: rank,
    cells: meetingCells(active, rank),
    ...distinct(Array.from(length)),
  };
  const { unitSize, at, unit } = armaPasses(series);
  const scratch = new Float64Array(rank);
  return {
    df: rows - rank,
    lengths: series.lengths,
    rows,
    pose: (residuals, out, to) => out.set(residuals, to),
    unitSize,
    at,
    unit,
    point: (forms, ar, into) => armaPoint(series, forms, ar, into),
    squares: (point, own) => armaSquares(rank, point, own, scratch),
  };
}

/** 1 + r + ... of so many terms. */
export function powerSum(r: number, terms: number): number {
  if (r < 0.9) return (1 - r ** terms) / (1 - r);
  let sum = 0;
  for (let t = 0, power = 1; t < terms; t++, power *= r) sum += power;
  return sum;
}
