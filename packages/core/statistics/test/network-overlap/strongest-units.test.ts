import { randomStream } from '@galvani/numerics';
import { effectModel } from '@galvani/statistics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LabelledBlock, labelledSums } from '../../src/network-overlap/labelled-sums.js';
import { createStrongest } from '../../src/network-overlap/strongest-units.js';
import { tileUnits } from '../../src/network-overlap/tiled-units.js';
import { groupSize } from '../../src/network-overlap/unit-groups.js';

const [prompts, runs, rows] = [7, 2, 14];
const isTask = Uint8Array.from({ length: rows }, (_, row) => (row % prompts < 3 ? 1 : 0));
const models = (['separate', 'pooled'] as const).map((variance) => effectModel({ task: 3, rest: 4, runs }, variance));

/** Units about their run's mean, among them some that do not vary, are equal to others, are unknown, or answer to the task. */
function drawnUnits(units: number, seed: number) {
  const stream = randomStream(seed, 'strongest');
  const values = new Float32Array(rows * units);
  for (let u = 0; u < units; u++) {
    const kind = stream.integer(12);
    const effect = stream.normal() * 3 ** (stream.integer(4) - 1);
    for (let row = 0; row < rows; row++) {
      const drawn = stream.normal() + effect * isTask[row];
      const twin = u > 0 ? values[row * units + u - 1] : drawn;
      values[row * units + u] = kind === 0 ? 0 : kind === 1 ? Number.NaN : kind < 5 ? twin : drawn;
    }
  }
  return tileUnits({ units, values, isTask }, groupSize * (1 + stream.integer(3)));
}

/** Labels of some relabellings, and the prompts' own somewhere among them. */
function drawnLabels(count: number, seed: number): Float32Array {
  const stream = randomStream(seed, 'labels');
  const own = stream.integer(count);
  const shuffled = () => stream.shuffled([...isTask.subarray(0, prompts)]);
  return Float32Array.from(
    Array.from({ length: count }, (_, r) => (r === own ? [...isTask] : [...shuffled(), ...shuffled()])).flat(),
  );
}

/** What a block holds of one relabelling, unit after unit. */
const unitsOf = ({ relabellings, width }: LabelledBlock, of: Float32Array, units: number, r: number) =>
  Float32Array.from({ length: units }, (_, u) => of[(Math.floor(u / width) * relabellings + r) * width + (u % width)]);

function expectedNetwork(t: Float64Array, above: number, below: number): number[] {
  const known = [...t].filter((value) => !Number.isNaN(value)).sort((a, b) => b - a);
  const least = above === 0 ? Number.POSITIVE_INFINITY : (known[above - 1] ?? Number.NEGATIVE_INFINITY);
  const last = below === 0 ? Number.NEGATIVE_INFINITY : (known.at(-below) ?? Number.POSITIVE_INFINITY);
  return [...t].map((own) => (own >= least ? 1 : own <= last ? -1 : 0));
}

const drawn = [fc.integer({ min: 1, max: 250 }), fc.constantFrom(...models), fc.nat(1000)] as const;

test('what is passed over is never among the strongest, whatever floor was asked for', async () => {
  const floors = fc.array(fc.constantFrom(0, 0.1, 1, 2, 3, 5, 20), { minLength: 1, maxLength: 4 });
  const property = fc.asyncProperty(
    ...drawn,
    floors,
    fc.nat(40),
    fc.nat(40),
    async (units, model, seed, asked, ...most) => {
      const tiled = drawnUnits(units, seed);
      const { total } = tiled;
      const counted = Uint8Array.from({ length: units }, (_, u) => (u % 7 === 3 ? 0 : 1));
      const [above, below] = most;
      const strongest = createStrongest(model, total, counted, { above, below });
      const sums = labelledSums(tiled, 5, model);
      for (const [i, floor] of asked.entries()) {
        const block = await sums(drawnLabels(5, seed + i), floor);
        for (let r = 0; r < 5; r++) {
          const [sum, onTask] = [block.sum, block.onTask].map((of) => unitsOf(block, of, units, r));
          const t = Float64Array.from(total, (all, u) =>
            counted[u] ? model.t(sum[u], onTask[u], all - onTask[u]) : Number.NaN,
          );
          expect([...strongest.choose(block, r, floor)]).toEqual(expectedNetwork(t, above, below));
        }
      }
    },
  );
  await fc.assert(property, { numRuns: 80 });
});

test('sums are the same whether a floor is asked for, and the same as by adding up', async () => {
  const property = fc.asyncProperty(...drawn, async (units, model, seed) => {
    const tiled = drawnUnits(units, seed);
    const labels = drawnLabels(3, seed);
    const sums = labelledSums(tiled, 3, model);
    const plain = await sums(labels, 0);
    const [sum, onTask] = [plain.sum.slice(), plain.onTask.slice()];
    const screened = await sums(labels, 2);
    expect(screened.sum).toEqual(sum);
    expect(screened.onTask).toEqual(onTask);
    for (let r = 0; r < 3; r++) {
      const own = unitsOf(plain, sum, units, r);
      for (let u = 0; u < units; u++) {
        const from = Math.floor(u / tiled.width) * rows * tiled.width + (u % tiled.width);
        let added = 0;
        for (let row = 0; row < rows; row++) added += labels[r * rows + row] * tiled.values[from + row * tiled.width];
        expect(own[u]).toBeCloseTo(added, 4);
      }
    }
  });
  await fc.assert(property, { numRuns: 40 });
});

test('groups are passed over where networks are small, and not where they are large', async () => {
  const [units, count] = [3000, 40];
  const tiled = drawnUnits(units, 1);
  const counted = new Uint8Array(units).fill(1);
  const sums = labelledSums(tiled, count, models[0]);
  for (const [above, below, screened] of [
    [3, 2, true],
    [0, 1, true],
    [900, 900, false],
  ] as const) {
    const strongest = createStrongest(models[0], tiled.total, counted, { above, below });
    expect(strongest.nextFloor()).toBe(0);
    const block = await sums(drawnLabels(count, 2), 0);
    for (let r = 0; r < count; r++) strongest.choose(block, r, 0);
    expect(strongest.nextFloor() > 0).toBe(screened);
  }
});
