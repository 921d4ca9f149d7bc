import { randomStream } from '@galvani/numerics';
import {
  contrastScreen,
  placeOf,
  promptContrast,
  shuffledLabels,
  sizeOfDeviate,
  unitBlocks,
  type VarianceRule,
} from '@galvani/statistics';
import { expect, test } from 'vitest';

/** Six runs of ten prompts, and units of which some differ between prompts that are on and off, some are far from 0 and one is constant. */
const [prompts, units] = [60, 203];
const runs = Int32Array.from({ length: prompts }, (_, row) => Math.floor(row / 10));
const stream = randomStream('screen');
const means = Float64Array.from({ length: prompts * units }, (_, at) => {
  const [row, unit] = [Math.floor(at / units), at % units];
  if (unit === 7) return 3;
  return (unit % 5 === 0 ? 1e4 * (unit + runs[row]) : 0) + (row % 10 < 3 ? (unit % 17) / 8 : 0) + stream.normal();
});
const rows = Int32Array.from([...runs.keys()].filter((row) => row % 10 < 8 && runs[row] !== 4));
const selection = {
  rows,
  runs: Int32Array.from(rows, (row) => runs[row]),
  isOn: Uint8Array.from(rows, (row) => (row % 10 < 3 ? 1 : 0)),
};
const labellings = [selection.isOn, ...[1, 2].map(() => shuffledLabels(selection, stream))];

test('blocks have each unit about its run’s mean', () => {
  const blocks = unitBlocks(means, runs, units, 100, 203);
  expect(blocks.values).toHaveLength(4 * prompts * 26);
  const at = placeOf(blocks, 101);
  const own = Array.from({ length: prompts }, (_, row) => means[row * units + 201]);
  const mean = own.slice(10, 20).reduce((sum, value) => sum + value, 0) / 10;
  expect(blocks.values[at + 4 * 13]).toBeCloseTo(own[13] - mean, 9);
  // The last block's missing unit.
  expect(blocks.values.at(-1)).toBe(0);
  expect(unitBlocks(means, runs, units, 0, 9, blocks).values).toEqual(unitBlocks(means, runs, units, 0, 9).values);
});

test.each<VarianceRule>(['separate', 'pooled'])(
  'no unit that matters is passed over, and what is told of it is the contrast: %s',
  (rule) => {
    const screen = contrastScreen(selection, rule, labellings);
    const contrast = promptContrast(selection, rule);
    const blocks = unitBlocks(means, runs, units, 0, units);
    const levelled = contrast.level(means, units);
    const least = Float64Array.of(2.5, 1.5, 3);
    const reaching = [...screen.reaching(blocks, least)];
    for (const [l, labels] of labellings.entries()) {
      const { t, df, d } = contrast.evaluate(levelled, labels);
      const found = reaching.filter((_, i) => i % 2 === 1 && reaching[i - 1] === l);
      const matter = [...t.keys()].filter((unit) => sizeOfDeviate(t[unit], df[unit]) > least[l]);
      expect(found).toEqual(expect.arrayContaining(matter));
      // Most of the others are.
      expect(found.length).toBeLessThan(matter.length + units / 3);
      for (const unit of [0, 5, 16, 202]) {
        const own = screen.evaluate(blocks, l, unit);
        expect(own.t).toBeCloseTo(t[unit], 6);
        expect(own.df).toBeCloseTo(df[unit], 5);
        expect(own.d).toBeCloseTo(d[unit], 6);
      }
      expect(screen.evaluate(blocks, l, 7).t).toBeNaN();
    }
    expect(screen.reaching(blocks, new Float64Array(3).fill(Number.POSITIVE_INFINITY))).toHaveLength(0);
    // Each call by what matters then.
    expect([...screen.reaching(blocks, least)]).toEqual(reaching);
    expect(screen.reaching(blocks, Float64Array.of(2.5, 0, 3)).length).toBeGreaterThan(reaching.length);
  },
);
