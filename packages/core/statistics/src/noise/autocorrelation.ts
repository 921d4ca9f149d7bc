import { invertSymmetric } from '@galvani/numerics';
import { type DesignMatrix, type DesignSpace, nearlyCollinear } from '../design-matrix.js';
import type { Segments } from '../layout.js';
import { onBasis, productsFromMoments, smallProduct } from './least-squares.js';
import type { Moments } from './moment-sums.js';

/**
 * Quadratic forms of AR(1) noise. With innovations of variance one, V^-1 = A0 - rho A1 + rho^2 A2 in every segment: A0 is
 * the identity, A1 joins neighbours, A2 is the identity without the segment's edge rows. So everything that a fit at any
 * rho needs is three forms of X and y, and they add over rows.
 *
 * Edge rows are the first and the last for exact stationary noise, the last alone where the first row is left unscaled.
 */
export interface Ar1Forms {
  /** basis X' Ai X basis', three of [rank x rank]. */
  gram: [Float64Array, Float64Array, Float64Array];
  /** (X' X)^-1 on the basis. */
  inverse: Float64Array;
  /** Least-squares coefficients on the basis, [rank x units]. */
  theta: Float64Array;
  /** basis X' Ai r of the least-squares residuals r, for A1 and A2, [rank x units]; A0's is zero. */
  products: [Float64Array, Float64Array];
  /** r' Ai r of the least-squares residuals, three of [units]. */
  residual: [Float64Array, Float64Array, Float64Array];
  /** A1 and A2 as multiples of A0 on the design, where they are: then one matrix serves every rho. */
  proportion: { one: number; two: number } | undefined;
}

/** 1' V^-1 1 of a segment for innovations of variance one. */
export function precisionOfMean(rho: number, length: number): number {
  return (1 - rho) * (length * (1 - rho) + 2 * rho);
}

/** X' Ai X, i = 0, 1, 2, each [columns x columns]. */
export function ar1Grams(design: DesignMatrix, segments: Segments, edges: 'both' | 'last'): Ar1Forms['gram'] {
  const { rows, columns, X } = design;
  const size = columns * columns;
  const grams: Ar1Forms['gram'] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  const addOuter = (into: Float64Array, i: number, k: number, weight: number) => {
    for (let a = 0; a < columns; a++) {
      const x = weight * X[i * columns + a];
      if (x !== 0) for (let b = 0; b < columns; b++) into[a * columns + b] += x * X[k * columns + b];
    }
  };
  for (let i = 0; i < rows; i++) {
    const s = segments.ofRow[i];
    addOuter(grams[0], i, i, 1);
    addOuter(grams[2], i, i, 1);
    if (i > segments.start[s]) {
      addOuter(grams[1], i, i - 1, 1);
      addOuter(grams[1], i - 1, i, 1);
    } else if (edges === 'both') addOuter(grams[2], i, i, -1);
    if (i === segments.start[s] + segments.length[s] - 1) addOuter(grams[2], i, i, -1);
  }
  return grams;
}

/** The forms of a series from its moments. `varying` are the columns whose products the moments hold. */
export function ar1Forms(
  moments: Moments,
  design: DesignMatrix,
  space: DesignSpace,
  varying: readonly number[],
  edges: 'both' | 'last',
): Ar1Forms {
  const { units } = moments;
  const { rank } = space;
  const grams = ar1Grams(design, moments.segments, edges).map((gram) => onBasis(gram, space)) as Ar1Forms['gram'];
  const inverse = invertSymmetric(grams[0], rank);
  if (inverse === undefined) throw nearlyCollinear(space);
  const plain = productsFromMoments(moments, design, varying, moments.sums, moments.products);
  const edge = productsFromMoments(moments, design, varying, moments.edges as Float64Array, moments.edgeProducts);
  // Within a segment a constant column meets every value twice as a neighbour, the edges once.
  const beside = new Float64Array(plain.length);
  for (let at = 0; at < plain.length; at++) beside[at] = 2 * plain[at] - edge[at];
  varying.forEach((j, k) => {
    beside.set((moments.neighbourProducts as Float64Array).subarray(k * units, (k + 1) * units), j * units);
  });
  for (let at = 0; at < plain.length; at++) edge[at] = plain[at] - edge[at];
  const y0 = ontoBasis(plain, space, units);
  const y1 = ontoBasis(beside, space, units);
  const y2 = ontoBasis(edge, space, units);
  const proportion = proportionOf(grams, rank);

  const theta = smallProduct(inverse, rank, rank, y0, units);
  const r0 = Float64Array.from(moments.squares as Float64Array);
  const r1 = (moments.neighbours as Float64Array).map((value) => 2 * value);
  const r2 = r0.map((value, v) => value - (moments.edgeSquares as Float64Array)[v]);
  const fitted1 = proportion ? scaledBy(y0, proportion.one) : smallProduct(grams[1], rank, rank, theta, units);
  const fitted2 = proportion ? scaledBy(y0, proportion.two) : smallProduct(grams[2], rank, rank, theta, units);
  for (let i = 0; i < rank; i++) {
    for (let v = 0, at = i * units; v < units; v++, at++) {
      const b = theta[at];
      r0[v] -= b * y0[at];
      r1[v] -= b * (2 * y1[at] - fitted1[at]);
      r2[v] -= b * (2 * y2[at] - fitted2[at]);
      y1[at] -= fitted1[at];
      y2[at] -= fitted2[at];
    }
  }
  return { gram: grams, inverse, theta, products: [y1, y2], residual: [r0, r1, r2], proportion };
}

function scaledBy(values: Float64Array, factor: number): Float64Array {
  return values.map((value) => factor * value);
}

/** basis times [columns x units]; the same array where the basis is the columns themselves. */
export function ontoBasis(products: Float64Array, { basis, rank, columns }: DesignSpace, units: number): Float64Array {
  return rank === columns ? products : smallProduct(basis, rank, columns, products, units);
}

/** Coefficients of the columns from those on the basis, [columns x units]. */
export function fromBasis(theta: Float64Array, { basis, rank, columns }: DesignSpace, units: number): Float64Array {
  return rank === columns ? theta : smallProduct(basis, columns, rank, theta, units, (j, i) => i * columns + j);
}

function proportionOf([zero, one, two]: Ar1Forms['gram'], rank: number): Ar1Forms['proportion'] {
  const ratio = { one: one[0] / zero[0], two: two[0] / zero[0] };
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j <= i; j++) {
      const size = Math.sqrt(zero[i * rank + i] * zero[j * rank + j]);
      const at = i * rank + j;
      if (Math.abs(one[at] - ratio.one * zero[at]) > 1e-12 * size) return undefined;
      if (Math.abs(two[at] - ratio.two * zero[at]) > 1e-12 * size) return undefined;
    }
  }
  return ratio;
}
