import { randomStream } from '@galvani/numerics';
import { effectModel } from '@galvani/statistics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStrongest } from '../../src/network-overlap/strongest-units.js';

const model = effectModel({ task: 3, rest: 4, runs: 2 }, 'separate');
const rows = 14;

/** Sums of a relabelling whose effects are larger or smaller than another's. */
function sumsOf(units: number, size: number, seed: number) {
  const stream = randomStream(seed, 'relabelled');
  const sums = { sum: new Float32Array(units), onTask: new Float32Array(units) };
  const total = new Float64Array(units);
  for (let u = 0; u < units; u++) {
    // Some units do not vary.
    if (stream.uniform() < 0.05) continue;
    const values = Array.from({ length: rows }, () => stream.normal());
    for (const value of values) total[u] += value * value;
    for (const value of values.slice(0, 6)) {
      sums.sum[u] += size * value;
      sums.onTask[u] += value * value;
    }
  }
  return { sums, total };
}

test('what is passed over is never among the strongest, however much one relabelling differs from the last', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 120 }),
      fc.array(fc.constantFrom(0, 0.1, 1, 3), { minLength: 2, maxLength: 6 }),
      fc.nat(40),
      fc.nat(40),
      fc.nat(1000),
      (units, sizes, above, below, seed) => {
        const drawn = sizes.map((size, i) => sumsOf(units, size, seed + i));
        const total = drawn[0].total;
        const counted = Uint8Array.from({ length: units }, (_, u) => (u % 7 === 3 ? 0 : 1));
        const strongest = createStrongest(model, total, counted, { above, below });
        for (const { sums } of drawn) {
          const t = Float64Array.from({ length: units }, (_, u) =>
            counted[u] ? model.t(sums.sum[u], sums.onTask[u], total[u] - sums.onTask[u]) : Number.NaN,
          );
          const known = [...t].filter((value) => !Number.isNaN(value)).sort((a, b) => b - a);
          const least = above === 0 ? Number.POSITIVE_INFINITY : (known[above - 1] ?? Number.NEGATIVE_INFINITY);
          const last = below === 0 ? Number.NEGATIVE_INFINITY : (known.at(-below) ?? Number.POSITIVE_INFINITY);
          expect([...strongest.choose(sums)]).toEqual([...t].map((own) => (own >= least ? 1 : own <= last ? -1 : 0)));
        }
      },
    ),
    { numRuns: 200 },
  );
});
