import { describe, expect, test } from 'vitest';
import { rowInterventions, type UnitChange } from '../../src/forward/interventions.js';
import { loadSubject } from '../../src/load-subject.js';
import { describeUnitWeights } from '../../src/unit-weights/unit-weights.js';
import type { SiteWeights, WeightSlices } from '../../src/unit-weights/weight-slices.js';
import { decodeNumbers, type WeightFormat } from '../../src/weights/number-format.js';
import { alteredCheckpoint, type Entry } from '../altered-checkpoint.js';
import { referenceModels } from '../reference.js';

const text = Int32Array.from([5, 17, 31, 8, 44, 23, 9]);

/** Numbers of a parameter that belong to a unit. */
function change({ shape, axis, places, units }: WeightSlices, entry: Entry, unit: number, to: (x: number) => number) {
  const numbers = new Float32Array(shape.reduce((a, b) => a * b, 1));
  decodeNumbers(entry.data, entry.dtype as WeightFormat, numbers);
  const columns = shape.slice(1).reduce((a, b) => a * b, 1);
  const own = new Set(places.filter((_, i) => units[i] === unit));
  for (let i = 0; i < numbers.length; i++)
    if (own.has(axis === 0 ? Math.floor(i / columns) : i % columns)) numbers[i] = to(numbers[i]);
  entry.data = Buffer.from(numbers.buffer);
  entry.dtype = 'F32';
}

/** A copy of the model in which the slices of units are other numbers. */
function altered(
  model: string,
  all: readonly { slices: readonly WeightSlices[]; unit: number }[],
  to: (x: number) => number,
) {
  return alteredCheckpoint(model, {
    tensors(tensors) {
      for (const { slices, unit } of all)
        for (const each of slices) {
          const entry = tensors.get(each.parameter) ?? tensors.get(each.parameter.replace(/^lm_head/, 'embed_out'));
          expect(entry, each.parameter).toMatchObject({ shape: each.shape });
          change(each, entry!, unit, to);
        }
    },
  });
}

/** Sites' numbers [tokens x width] while the text is read. */
async function recorded(path: string, include: string[]): Promise<Map<string, Float32Array>> {
  const subject = await loadSubject(path, { sites: { include } });
  const pieces = new Map(include.map((name): [string, number[]] => [name, []]));
  await subject.read({
    texts: [text],
    onPassage: ({ sites }) => {
      for (const [name, values] of sites) pieces.get(name)!.push(...values);
    },
  });
  await subject.release();
  return new Map(Array.from(pieces, ([name, values]) => [name, Float32Array.from(values)]));
}

interface Moved {
  site: string;
  unit: number;
}

/** For each of the units how far moving it moves the log probabilities of the text, in nats: the two are in one batch. */
async function effects(path: string, moved: readonly Moved[]): Promise<number[]> {
  const subject = await loadSubject(path, { interventions: { include: [...new Set(moved.map(({ site }) => site))] } });
  const found: number[] = [];
  for (const { site, unit } of moved) {
    const rows: UnitChange[][] = [[{ site, units: [unit], scale: 1, offset: 3 }], []];
    const out: number[][] = [[], []];
    await subject.read({
      texts: [text, text],
      interventions: rowInterventions(subject.intervened, rows),
      onPassage: ({ text: row, logProbabilities }) => {
        out[row].push(...logProbabilities);
      },
    });
    found.push(differenceOf(out[0].slice(1), out[1].slice(1)));
  }
  await subject.release();
  return found;
}

/** Largest difference of log probabilities, in nats. */
const differenceOf = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i])));

export const pathOf = ({ parameter }: WeightSlices) => parameter.replace(/\.(weight|bias)$/, '');

/** The site's unit of largest numbers, of those allowed: no dead one. */
function strongest(values: Float32Array, width: number, allowed: (unit: number) => boolean): number {
  const size = (unit: number) => values.reduce((sum, x, i) => sum + (i % width === unit ? Math.abs(x) : 0), 0);
  const units = Array.from({ length: width }, (_, u) => u).filter(allowed);
  return units.reduce((best, unit) => (size(unit) > size(best) ? unit : best));
}

/** Sites of a block in the middle, of the embeddings and of the end. */
const tried = ({ site }: SiteWeights) => ['embeddings', 'block-01', 'final'].includes(site.layer);

/** Tests of models whether the numbers that are named are those that make their units what they are, and those that read them. */
export const testUnitWeights = (models: readonly string[]) =>
  describe.each(models)('%s', (model) => {
    const path = referenceModels[model];

    test('other numbers in what writes to a unit change this unit, and no other of its site', async () => {
      const sites = (await describeUnitWeights(path)).sites.filter(tried);
      const names = sites.map(({ site }) => site.name);
      const untouched = await recorded(path, names);
      for (const { site, writes, writtenThrough } of sites) {
        if (writes.length === 0) {
          expect(site.kind, site.name).toBe('norm');
          continue;
        }
        const before = untouched.get(site.name)!;
        // The head's row may be the embedding of a token of the text.
        const unit = strongest(before, site.width, (u) => site.kind !== 'head' || !text.includes(u));
        const changedUnits = async (slices: WeightSlices[]) => {
          const other = altered(model, [{ slices, unit }], (x) => 1.5 * x + 0.1);
          const after = (await recorded(other, names)).get(site.name)!;
          const units = Array.from(after.keys()).filter((i) => after[i] !== before[i]);
          return [...new Set(units.map((i) => i % site.width))].sort((a, b) => a - b);
        };
        // What a block's attention writes reaches all units through the rest of the block: its last weights are pure.
        const ofUnit = writes.filter(({ units }) => units.includes(unit));
        const last = ofUnit.filter((each) => pathOf(each) === pathOf(ofUnit.at(-1)!));
        const place = last[0].places[last[0].units.indexOf(unit)];
        const sharing = Array.from(last[0].units)
          .filter((_, i) => last[0].places[i] === place)
          .sort((a, b) => a - b);
        // Behind values that are normalized a head's other units change too, with its length.
        const normedValues = site.kind === 'z' && writtenThrough.includes('statistics');
        if (normedValues) expect(await changedUnits(last), site.name).toEqual(expect.arrayContaining(sharing));
        else expect(await changedUnits(last), site.name).toEqual(sharing);
        for (const each of ofUnit.filter((own) => !last.includes(own)))
          expect(await changedUnits([each]), each.parameter).toContain(unit);
      }
    });

    test('with zeros in what reads from a unit it does nothing', async () => {
      const { sites } = await describeUnitWeights(path);
      // Of a joined query, key and value the values alone are read by weights.
      const read = sites
        .filter(tried)
        .filter(({ reads, readThrough }) => reads.length > 0 && readThrough.every((each) => each === 'attention'))
        .map(({ site, reads }) => ({ site: site.name, reads, units: [...new Set(reads[0].units)].slice(-2) }));
      expect(read.length).toBeGreaterThan(3);
      const moved = read.flatMap(({ site, units }) => units.map((unit) => ({ site, unit })));
      const before = await effects(path, moved);
      const zeros = read.map(({ reads, units }) => ({ slices: reads, unit: units.at(-1)! }));
      const after = await effects(
        altered(model, zeros, () => 0),
        moved,
      );
      for (const [i, { site, unit }] of moved.entries()) {
        const silenced = read.some((each) => each.site === site && each.units.at(-1) === unit);
        expect(before[i], site).toBeGreaterThan(1e-4);
        // The unit beside it shows that the way is not closed elsewhere. Rows of a batch may be rounded otherwise.
        if (silenced) expect(after[i], site).toBeLessThan(2e-6);
        else expect(after[i], site).toBeGreaterThan(1e-4);
      }
    });
  });
