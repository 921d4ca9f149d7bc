import { readFileSync } from 'node:fs';
import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinAbsolute, expectWithinRelative } from '../../../../../test/closeness.js';
import { residualScale } from '../../src/geometry/noise-normalisation.js';
import { cellRows, conditionPairs } from '../../src/geometry/pattern-cells.js';
import { pairDistance } from '../../src/geometry/relabelled-distances.js';
import {
  averageLinkage,
  crossnobis,
  noiseCeiling,
  noiseNormalisedProducts,
  type PatternCells,
  relabelledDistances,
  sessionDistances,
  shrunkenProducts,
} from '../../src/index.js';

/** rsatoolbox's and scipy's numbers, see make_geometry.py. */
const fixture: {
  distances: (PatternCells & { units: number; lower: number; upper: number } & Record<
      'values' | 'scale' | 'plain' | 'diagonal' | 'shrunken' | 'of_sessions',
      number[]
    >)[];
  trees: ({ items: number } & Record<'matrix' | 'heights' | 'sizes' | 'cophenetic', number[]>)[];
} = JSON.parse(readFileSync(new URL('../fixtures/geometry/geometry.json', import.meta.url), 'utf8'));

const distancesOf = (found: ReturnType<typeof crossnobis>) => found.map(({ distance }) => distance);

async function normalised(values: Float64Array, units: number, cells: PatternCells) {
  const products = noiseNormalisedProducts(cells);
  await products.add(values, units);
  return products.finish();
}

for (const own of fixture.distances)
  test(`distances of ${own.conditions} conditions over ${own.units} units are rsatoolbox's`, async () => {
    const values = Float64Array.from(own.values);
    expectWithinRelative(residualScale(values, own.units, own), own.scale, 1e-10);
    const products = await normalised(values, own.units, own);
    expect(products.units).toBe(own.units);
    expectWithinRelative(distancesOf(crossnobis(products, own)), own.diagonal, 1e-10);
    expectWithinRelative(distancesOf(crossnobis(shrunkenProducts(products, own), own)), own.shrunken, 1e-8);
    const sessions = sessionDistances(products, own);
    expectWithinRelative(sessions, own.of_sessions, 1e-10);
    const { lower, upper } = noiseCeiling(sessions, own.sessions);
    const mean = (each: Float64Array) => each.reduce((sum, value) => sum + value, 0) / each.length;
    expectWithinRelative([mean(lower), mean(upper)], [own.lower, own.upper], 1e-9);
  });

for (const { items, matrix, heights, sizes, cophenetic } of fixture.trees)
  test(`a tree of ${items} items is scipy's`, () => {
    const { merges, leaves } = averageLinkage(Float64Array.from(matrix), items);
    expectWithinRelative(
      merges.map(({ height }) => height),
      heights,
      1e-12,
    );
    expect(merges.map(({ first, second }) => first.length + second.length)).toEqual(sizes);
    const found = new Float64Array(items * items);
    for (const { first, second, height } of merges)
      for (const a of first) for (const b of second) found[a * items + b] = found[b * items + a] = height;
    expectWithinAbsolute(found, cophenetic, 1e-12);
    expect(leaves[0]).toBe(0);
    expect([...leaves].sort((a, b) => a - b)).toEqual([...leaves.keys()]);
  });

test('a tree of negative distances and of equal ones is a tree; of one item it is nothing', () => {
  const { merges, leaves } = averageLinkage(Float64Array.of(0, -1, 2, -1, 0, 2, 2, 2, 0), 3);
  expect(merges.map(({ height }) => height)).toEqual([-1, 2]);
  expect(leaves).toEqual([0, 1, 2]);
  expect(
    averageLinkage(
      Float64Array.from({ length: 16 }, () => 1),
      4,
    ).leaves,
  ).toEqual([0, 1, 2, 3]);
  expect(averageLinkage(Float64Array.of(0), 1)).toEqual({ merges: [], leaves: [0] });
});

/** Normal noise, with `effects` times a pattern of its own added for each condition. */
function simulated(seed: number, effects: readonly number[], { sessions = 4, prompts = 5, units = 40 } = {}) {
  const stream = randomStream(seed, 'geometry');
  const patterns = effects.map(() => Float64Array.from({ length: units }, () => stream.normal()));
  const shared = Array.from({ length: units }, () => stream.normal());
  const rows = sessions * effects.length * prompts;
  const condition = Int32Array.from({ length: rows }, (_, i) => i % effects.length);
  const session = Int32Array.from({ length: rows }, (_, i) => Math.floor(i / effects.length / prompts));
  const values = new Float64Array(rows * units);
  for (let i = 0; i < rows; i++) {
    const common = stream.normal();
    for (let u = 0; u < units; u++)
      values[i * units + u] = stream.normal() + common * shared[u] + effects[condition[i]] * patterns[condition[i]][u];
  }
  return { values, units, session, condition, sessions, conditions: effects.length, patterns, shared };
}

test('where there is no difference distances are 0 on average and p is even; intervals hold what is true as often as they say', async () => {
  let [sum, squares, held, small, over, count, variance] = [0, 0, 0, 0, 0, 0, 0];
  const studies = 150;
  for (let seed = 0; seed < studies; seed++) {
    const own = simulated(seed, [0, 0, 0]);
    const products = await normalised(own.values, own.units, own);
    const found = crossnobis(products, own);
    const { p, familywise } = relabelledDistances(products, own, { count: 99, seed });
    if (familywise.some((each) => each <= 0.05)) over++;
    for (const [k, { distance, error, lower, upper }] of found.entries()) {
      sum += distance;
      squares += distance ** 2;
      variance += error ** 2;
      if (lower <= 0 && upper >= 0) held++;
      if (p[k] <= 0.1) small++;
      count++;
    }
  }
  const spread = Math.sqrt(squares / count);
  expect(Math.abs(sum / count)).toBeLessThan((3 * spread) / Math.sqrt(studies));
  // The variance is not let below its part that is certain, which makes it larger here.
  expect(Math.sqrt(variance / count) / spread).toBeGreaterThan(0.85);
  expect(Math.sqrt(variance / count) / spread).toBeLessThan(1.4);
  expect(held / count).toBeGreaterThan(0.9);
  expect(Math.abs(small / count - 0.1)).toBeLessThan(0.04);
  expect(over / studies).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / studies));
});

test('intervals hold a true distance', async () => {
  const studies = 200;
  let [held, excess] = [0, 0];
  for (let seed = 0; seed < studies; seed++) {
    const own = simulated(seed, [0, 0.5]);
    const [{ distance, lower, upper, df }] = crossnobis(await normalised(own.values, own.units, own), own);
    const difference = (u: number) => 0.5 * own.patterns[1][u];
    // One over an estimated variance is too large on average.
    const inflation = df / (df - 2);
    const squares = own.shared.map((level, u) => difference(u) ** 2 / (1 + level * level));
    const truth = (inflation * squares.reduce((sum, square) => sum + square, 0)) / own.units;
    if (lower <= truth && truth <= upper) held++;
    excess += (distance / truth - 1) / studies;
  }
  expect(held / studies).toBeGreaterThan(0.9);
  expect(Math.abs(excess)).toBeLessThan(0.1);
});

test('a distance takes no notice of scale, place, or order of units, nor of how they are cut into chunks', async () => {
  const own = simulated(3, [0, 0.6, 1]);
  const { values, units } = own;
  const plain = crossnobis(await normalised(values, units, own), own);
  const moved = values.map((value, at) => 7 - (1 + (at % units)) * value);
  expectWithinRelative(distancesOf(crossnobis(await normalised(moved, units, own), own)), distancesOf(plain), 1e-9);
  const turned = values.map((_, at) => values[at - (at % units) + (units - 1 - (at % units))]);
  expectWithinRelative(distancesOf(crossnobis(await normalised(turned, units, own), own)), distancesOf(plain), 1e-9);
  const chunked = noiseNormalisedProducts(own);
  for (const [from, width] of [
    [0, 13],
    [13, 27],
  ]) {
    const part = new Float64Array(own.session.length * width);
    for (let i = 0; i < own.session.length; i++)
      part.set(values.subarray(i * units + from, i * units + from + width), i * width);
    await chunked.add(part, width);
  }
  const { products, units: counted } = chunked.finish();
  expect(counted).toBe(units);
  expectWithinRelative(distancesOf(crossnobis({ products, units: counted }, own)), distancesOf(plain), 1e-9);
});

test('a unit that never varies is left out; more units of the same leave the distance per unit as it is', async () => {
  const own = simulated(4, [0, 1]);
  const { values, units, session } = own;
  const plain = crossnobis(await normalised(values, units, own), own);
  const wide = new Float64Array(session.length * (2 * units + 1));
  for (let i = 0; i < session.length; i++) {
    const row = values.subarray(i * units, (i + 1) * units);
    wide.set(row, i * (2 * units + 1));
    wide.set(row, i * (2 * units + 1) + units);
    wide[(i + 1) * (2 * units + 1) - 1] = 0.1;
  }
  const products = await normalised(wide, 2 * units + 1, own);
  expect(products.units).toBe(2 * units);
  expectWithinRelative(distancesOf(crossnobis(products, own)), distancesOf(plain), 1e-9);
});

test('relabelled distances: differences have the least p, the same numbers come back, and a pair does not depend on the others', async () => {
  const own = simulated(5, [0, 0, 2]);
  const products = await normalised(own.values, own.units, own);
  const { p, familywise } = relabelledDistances(products, own, { count: 199, seed: 1 });
  expect(p[0]).toBeGreaterThan(0.05);
  expect([p[1], p[2]]).toEqual([1 / 200, 1 / 200]);
  expectWithinRelative(familywise[1], 3 / 200, 1e-12);
  expect(relabelledDistances(products, own, { count: 199, seed: 1 }).p).toEqual(p);
});

test('the distance of any labels of a pair is crossnobis’s with the prompts labelled so', async () => {
  for (const cells of [...fixture.distances, simulated(7, [0, 1, 0.5], { sessions: 3, prompts: 4 })]) {
    const { products, units } = await normalised(Float64Array.from(cells.values), cells.units, cells);
    const rows = cellRows(cells);
    const stream = randomStream(8, 'labels');
    for (const [k, [a, b]] of conditionPairs(cells.conditions).entries()) {
      const own = Array.from({ length: cells.sessions }, (_, s) => [a, b].map((c) => rows[s * cells.conditions + c]));
      const distance = pairDistance(products, units, own);
      for (let draw = 0; draw < 5; draw++) {
        const condition = Int32Array.from(cells.condition);
        const chosen = own.map(([x, y]) => {
          const both = [...x, ...y];
          const order = [...both.keys()];
          const places = (draw === 0 ? order : stream.shuffled(order)).slice(0, x.length);
          for (const [at, row] of both.entries()) condition[row] = places.includes(at) ? a : b;
          return places;
        });
        expectWithinAbsolute(
          [distance(chosen)],
          [crossnobis({ products, units }, { ...cells, condition })[k].distance],
          1e-10,
        );
      }
    }
  }
});

test('the least p is the share of relabellings that are as far as the true ones, or what was drawn', async () => {
  const least = async (prompts: number, sessions: number, count: number) => {
    const own = simulated(9, [0, 5], { sessions, prompts });
    const { p, smallest } = relabelledDistances(await normalised(own.values, own.units, own), own, { count, seed: 2 });
    expect(p[0]).toBeGreaterThan(0.8 * smallest[0]);
    expect(p[0]).toBeLessThan(1.2 * smallest[0] + 1 / count);
    return smallest[0];
  };
  // Two of four in each of two sessions, in 36 ways, of which the opposite is as far.
  expectWithinRelative([await least(2, 2, 4999)], [2 / 36], 1e-12);
  expect(await least(5, 4, 199)).toBe(1 / 200);
});

test('what cannot be validated is refused, and a ceiling takes three pairs', async () => {
  const own = simulated(6, [0, 1], { sessions: 1 });
  const products = await normalised(own.values, own.units, own);
  expect(() => crossnobis(products, own)).toThrow('validated across sessions');
  expect(() => crossnobis(products, { ...own, conditions: 3 })).toThrow('validated across sessions');
  expect(() => sessionDistances(products, { ...own, conditions: 3 })).toThrow('Condition 2 has no prompt in session 0');
  const single = simulated(6, [0, 1], { sessions: 2, prompts: 1 });
  expect([
    ...sessionDistances(
      await normalised(single.values, 40, { ...single, session: single.session.map(() => 0), sessions: 1 }),
      single,
    ),
  ]).toEqual([Number.NaN, Number.NaN]);
  expect([...noiseCeiling(Float64Array.of(1, 2), 2).lower]).toEqual([Number.NaN, Number.NaN]);
});
