import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cholesky,
  choleskyInverse,
  columnSpace,
  dependencies,
  invertSymmetric,
  pseudoInverse,
  randomStream,
  singularValues,
} from '../../src/index.js';

function randomMatrix(seed: number, rows: number, columns: number): Float64Array {
  const random = randomStream(seed, 'matrix');
  return Float64Array.from({ length: rows * columns }, () => random.normal());
}

function product(a: Float64Array, b: Float64Array, n: number, k: number, m: number): Float64Array {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) for (let l = 0; l < k; l++) out[i * m + j] += a[i * k + l] * b[l * m + j];
  return out;
}

const sizes = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 6, max: 25 }),
  rank: fc.integer({ min: 1, max: 5 }),
  extra: fc.integer({ min: 0, max: 3 }),
  exponent: fc.integer({ min: -150, max: 150 }),
});

describe('column space', () => {
  test('finds the rank of a product, whatever the columns’ units', () => {
    fc.assert(
      fc.property(sizes, ({ seed, rows, rank, extra, exponent }) => {
        const columns = rank + extra;
        const x = product(randomMatrix(seed, rows, rank), randomMatrix(seed + 1, rank, columns), rows, rank, columns);
        for (let i = 0; i < rows; i++) x[i * columns] *= 2 ** exponent;
        expect(columnSpace(x, rows, columns).rank).toBe(rank);
      }),
    );
  });
  test('says how dependent columns follow from the others', () => {
    fc.assert(
      fc.property(sizes, ({ seed, rows, rank, extra }) => {
        const columns = rank + extra;
        const x = product(randomMatrix(seed, rows, rank), randomMatrix(seed + 1, rank, columns), rows, rank, columns);
        const space = columnSpace(x, rows, columns);
        const relation = dependencies(space);
        for (let d = 0; d < columns - space.rank; d++) {
          for (let i = 0; i < rows; i++) {
            let sum = 0;
            for (let k = 0; k < space.rank; k++) sum += relation[d * space.rank + k] * x[i * columns + space.pivots[k]];
            expect(sum).toBeCloseTo(x[i * columns + space.pivots[space.rank + d]], 4);
          }
        }
      }),
    );
  });
  test('R is that of the matrix: R’R = X’X of unit columns, also where rows repeat', () => {
    const base = randomMatrix(3, 7, 4);
    const x = new Float64Array(21 * 4);
    for (let i = 0; i < 21; i++) x.set(base.subarray((i % 7) * 4, (i % 7) * 4 + 4), i * 4);
    const repeated = new Float64Array(21 * 4);
    for (let i = 0; i < 21; i++) repeated.set(base.subarray(Math.floor(i / 3) * 4, Math.floor(i / 3) * 4 + 4), i * 4);
    const [a, b] = [columnSpace(x, 21, 4), columnSpace(repeated, 21, 4)];
    expect(a.pivots).toEqual(b.pivots);
    const gram = (r: Float64Array) =>
      product(
        Float64Array.from(r, (_, at) => r[(at % 4) * 4 + (at >> 2)]),
        r,
        4,
        4,
        4,
      );
    gram(a.r).forEach((value, at) => {
      expect(value).toBeCloseTo(gram(b.r)[at], 12);
    });
    singularValues(a).forEach((value, k) => {
      expect(value).toBeCloseTo(singularValues(b)[k], 12);
    });
  });
  test('keeps a matrix of nothing apart', () => {
    expect(columnSpace(new Float64Array(12), 4, 3).rank).toBe(0);
    expect(columnSpace(new Float64Array(0), 4, 0).rank).toBe(0);
  });
});

describe('inverses', () => {
  test('Cholesky’s inverse is the inverse', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 6 }), (seed, n) => {
        const x = randomMatrix(seed, n + 4, n);
        const a = new Float64Array(n * n);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) for (let k = 0; k < n + 4; k++) a[i * n + j] += x[k * n + i] * x[k * n + j];
        const l = Float64Array.from(a);
        expect(cholesky(l, n)).toBe(true);
        for (const inverse of [choleskyInverse(l, n), invertSymmetric(a, n) as Float64Array]) {
          product(a, inverse, n, n, n).forEach((value, at) => {
            expect(value).toBeCloseTo(at % (n + 1) === 0 ? 1 : 0, 6);
          });
        }
      }),
    );
  });
  test('refuses what is not positive definite', () => {
    expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
    expect(invertSymmetric(Float64Array.of(1, 1, 1, 1), 2)).toBeUndefined();
  });
  test('the pseudo-inverse meets Penrose’s conditions', () => {
    fc.assert(
      fc.property(sizes, ({ seed, rows, rank, extra }) => {
        const columns = rank + extra;
        const x = product(randomMatrix(seed, rows, rank), randomMatrix(seed + 1, rank, columns), rows, rank, columns);
        const inverse = pseudoInverse(x, rows, columns);
        const back = product(product(x, inverse, rows, columns, rows), x, rows, rows, columns);
        back.forEach((value, at) => {
          expect(value).toBeCloseTo(x[at], 6);
        });
      }),
    );
  });
});
