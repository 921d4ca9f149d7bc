import { type PromptLayout, uniformLayout } from '@galvani/statistics';
import { expect, test } from 'vitest';
import { correctFamily } from '../src/fit/corrected-statistics.js';
import type { UnitPart } from '../src/fit/unit-passes.js';
import { searchCopies } from '../src/unit-marks.js';

const layout: PromptLayout = uniformLayout(2, 15, 1);
const prompts = 30;
/** Courses over prompts, of which 0 and 1 are alike: one is the other scaled. */
const courses = [(p: number) => (p * 7) % 11, (p: number) => 2 * ((p * 7) % 11) + 1, (p: number) => (p * p) % 13];

/** The search over a layer whose units follow the given courses, in passes of `size` units. */
function search(widths: number[], of: number[], size: number, last = new Uint8Array(of.length)): number[] {
  const columns = widths.map((width, c) => ({ site: `site${c}`, kind: 'linear', width }));
  const { watchMeans, copyOf } = searchCopies(columns, layout, last);
  let before = 0;
  for (const [column, width] of widths.entries()) {
    for (let from = 0; from < width; from += size) {
      const until = Math.min(width, from + size);
      const units = until - from;
      const parts: UnitPart[] = [{ first: 0, units, pieces: [{ column, width, from, until }] }];
      watchMeans(
        parts,
        Float64Array.from({ length: prompts * units }, (_, i) =>
          courses[of[before + from + (i % units)]](Math.floor(i / units)),
        ),
      );
    }
    before += width;
  }
  return [...copyOf()];
}

test('copies are looked for within a site, however its units are shared out to passes', () => {
  const of = [0, 1, 2, 2, 1, 0];
  for (const size of [1, 2, 4]) expect(search([4, 2], of, size)).toEqual([-1, 0, -1, 2, -1, 0]);
  expect(search([4, 2], of, 4, Uint8Array.of(1, 0, 0, 0, 0, 0))).toEqual([1, -1, -1, 2, -1, 0]);
});

test('a copy is no test of its own: the others are corrected as if it were not there', () => {
  const p = [1e-4, 0.02, 0.3, Number.NaN].map(Math.log10);
  const alone = correctFamily([Float64Array.from(p)]);
  // Units 1 and 4 copy unit 0; what unit 3 is a copy of is not tested, so that it is tested itself.
  const log10p = [Float64Array.of(p[0], Math.log10(2e-4), p[1]), Float64Array.of(p[2], Math.log10(0.9), p[3])];
  const copyOf = Int32Array.of(-1, 0, -1, 5, 0, -1);
  for (const [k, [column, layers]] of correctFamily(log10p, 'task', copyOf).entries()) {
    const [first, second] = layers;
    const expected = alone[k][1][0];
    expect(column).toBe(alone[k][0]);
    expect([first[0], first[2], second[0], second[2]]).toEqual([...expected]);
    expect(first[1]).toBe(Math.max(Math.log10(2e-4), expected[0]));
    expect(second[1]).toBeCloseTo(Math.log10(0.9), 12);
  }
});
