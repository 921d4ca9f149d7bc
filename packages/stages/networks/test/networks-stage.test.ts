import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  describeOutput,
  iccTable,
  type MapStatistics,
  networkIntersectionTable,
  networkOverlapTable,
  networkRepeatabilityTable,
  networkSizeTable,
  networkSpecificityTable,
  networkUnitTable,
  reliabilityTable,
  unitIccTable,
  unitSelectivityTable,
  writeMap,
} from '@galvani/artifact';
import { stage as networksStage } from '@galvani/networks';
import { randomStream } from '@galvani/numerics';
import { openResults } from '@galvani/results';
import { commitStage, mapPath, planOf, type StudyFolder } from '@galvani/study';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntheticStudy } from '../../../../test/synthetic-study.js';

const tasks = ['fossils', 'cells'];
const layers = {
  'block-00': [
    { site: 'model.layers.0.fc1', kind: 'linear', width: 30 },
    { site: 'model.layers.0', kind: 'block', width: 20 },
  ],
  final: [{ site: 'lm_head', kind: 'head', width: 30 }],
};
const units = 80;
/** Units that respond to each task, with sign; two of them to both. */
const planted: Record<string, [number, 1 | -1][]> = {
  fossils: [
    [3, 1],
    [9, -1],
    [20, 1],
    [41, -1],
    [60, 1],
    [77, 1],
  ],
  cells: [
    [5, 1],
    [9, 1],
    [20, 1],
    [44, -1],
    [61, 1],
    [70, -1],
  ],
};
let folder: StudyFolder;
const made: StudyFolder[] = [];

const firstOf: Record<string, number> = { 'model.layers.0.fc1': 0, 'model.layers.0': 30, lm_head: 50 };

/** A map whose planted units have a large t and whose others are noise. */
function statistics(task: string, name: string, strength: number): MapStatistics {
  const noise = randomStream(1, name);
  const t = Float64Array.from({ length: units }, () => noise.normal());
  for (const [unit, sign] of planted[task]) t[unit] += strength * sign;
  const log10p = t.map((value) => (Math.abs(value) > 5 ? -4 : -0.2));
  return { effect: t, t, z: t, d: t.map((value) => value / 4), log10_p: log10p, log10_p_familywise: log10p };
}

/** A study with maps in which every planted unit is found. */
async function make(options: Partial<Parameters<typeof syntheticStudy>[0]> = {}): Promise<StudyFolder> {
  const { folder } = await syntheticStudy({ tasks, planted, ...options });
  made.push(folder);
  const { runs } = await openResults(folder, 'glm');
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  const sets = [
    ...tasks.map((task) => ({ name: `task-${task}`, task, strength: 10 })),
    ...runs.map(({ name, task }) => ({ name, task, strength: 5 })),
  ];
  for (const { name, task, strength } of sets) {
    const whole = statistics(task, name, strength);
    let first = 0;
    for (const [layer, sites] of Object.entries(layers)) {
      const width = sites.reduce((sum, site) => sum + site.width, 0);
      const part = Object.entries(whole).map(([key, values]) => [key, values.slice(first, first + width)]);
      await writeMap(mapPath(folder, name, layer), {
        sites,
        flags: new Uint8Array(width),
        contrasts: new Map([[task, Object.fromEntries(part)]]),
        facts: {},
      });
      outputs[`${name}/${layer}.arrow`] = await describeOutput(mapPath(folder, name, layer));
      first += width;
    }
  }
  const mapSets = sets.map(({ name, task }, i) => ({
    name,
    kind: i < tasks.length ? 'task' : 'run',
    task,
    contrast: task,
  }));
  const facts = { layers: Object.keys(layers), units, mapSets };
  const plan = await planOf(folder, 'glm');
  const { inputs } = await openResults(folder, 'glm');
  await commitStage(folder, 'glm', folder.glm, { plan, parameters: {}, inputs, outputs, facts });
  await networksStage({ study: folder.root });
  return folder;
}

beforeAll(async () => {
  folder = await make();
});
afterAll(() => Promise.all(made.map(({ root }) => rm(root, { recursive: true, force: true }))));

test('of runs that share their rest nothing is said of chance but for independent placing', async () => {
  const shared = await make({ restShared: true });
  const rows = await networkOverlapTable.read(join(shared.networks, 'overlap.parquet'));
  const own = await networkOverlapTable.read(join(folder.networks, 'overlap.parquet'));
  const unknown = ['lower', 'upper', 'relabelled_dice', 'p', 'p_over_pairs', 'opposed_p', 'opposed_p_over_pairs'];
  expect(rows).toEqual(
    own.map((row) => ({ ...row, ...Object.fromEntries(unknown.map((name) => [name, Number.NaN])) })),
  );
});

test('tables agree with each other and with what was planted', async () => {
  const path = (name: string) => join(folder.networks, name);
  const members = await networkUnitTable.read(path('units.parquet'));
  const sizes = await networkSizeTable.read(path('sizes.parquet'));
  const overlap = await networkOverlapTable.read(path('overlap.parquet'));
  for (const task of ['fossils', 'cells']) {
    const own = members.filter((unit) => unit.task === task);
    const counted = sizes.filter((size) => size.task === task).reduce((sum, { members }) => sum + members, 0);
    expect(counted).toBe(own.length);
    expect(own.map(({ site, unit, t }) => [unit + firstOf[site], Math.sign(t)])).toEqual(planted[task]);
    expect(overlap.find((row) => row.task_a === task && row.task_b === task)).toMatchObject({
      members_a: own.length,
      dice: 1,
    });
  }
  expect(sizes.reduce((sum, size) => sum + size.units, 0)).toBe(2 * units);
  const [between] = overlap.filter((row) => row.task_a === 'fossils' && row.task_b === 'cells');
  expect(between).toMatchObject({ same: 1, opposed: 1, dice: 2 / 12, opposed_dice: 2 / 12 });
  // Above and below rest: 2 and 1 with 3 and 0 of 30 units, 0 and 1 with 0 and 1 of 20, 2 and 0 with 1 and 1 of 30.
  expect(between.expected_dice).toBeCloseTo((2 * (6 / 30 + 1 / 20 + 2 / 30)) / 12, 12);
  // One unit in common and one opposed is what relabelled prompts give now and then.
  expect(between.p).toBeGreaterThan(0.05);
  expect(between.p_over_pairs).toBeGreaterThanOrEqual(between.p);
  expect(between.relabelled_dice).toBeGreaterThan(0);
  expect(between.lower).toBeLessThanOrEqual(between.dice);
  expect(between.upper).toBeGreaterThanOrEqual(between.dice);
  for (const name of ['p', 'p_over_pairs', 'lower', 'opposed_p', 'relabelled_dice'] as const)
    for (const [a, b] of [tasks, tasks.toReversed()])
      expect(overlap.find((row) => row.task_a === a && row.task_b === b)![name]).toBe(between[name]);
});

test('runs of one task repeat more than runs of two', async () => {
  const rows = await networkRepeatabilityTable.read(join(folder.networks, 'repeatability.parquet'));
  expect(rows).toHaveLength(2 * 2 * 3);
  const mean = (same: boolean) => {
    const own = rows.filter((row) => (row.task === row.other_task) === same);
    return own.reduce((sum, { dice }) => sum + dice, 0) / own.length;
  };
  expect(mean(true)).toBeGreaterThan(0.6);
  // One of six planted units is shared with its sign.
  expect(mean(false)).toBeCloseTo(1 / 6, 1);
});

test('what repeats is told from relabelled sessions, and every measure and task has its row', async () => {
  const path = (name: string) => join(folder.networks, name);
  const rows = await reliabilityTable.read(path('reliability.parquet'));
  expect(rows.map(({ measure, task }) => `${measure} ${task}`)).toEqual(
    ['correlation', 'dice', 'split-half', 'fingerprint', 'prompts'].flatMap((measure) =>
      [...tasks, ''].map((task) => `${measure} ${task}`),
    ),
  );
  // Two tasks in three sessions have four relabellings.
  for (const row of rows.filter(({ task, measure }) => task === '' && !['dice', 'prompts'].includes(measure)))
    expect(row).toMatchObject({ labellings: 4, exhaustive: true, p: 0.25 });
  const icc = await iccTable.read(path('icc.parquet'));
  expect(icc.map(({ task, units: of, targets }) => [task, of, targets])).toEqual(
    tasks.flatMap((task) => [
      [task, 'all', units],
      [task, 'network', planted[task].length],
    ]),
  );
  const quantiles = await unitIccTable.read(path('unit_icc.parquet'));
  const median = (of: string, exchanged: string) =>
    quantiles.find((row) => row.units === of && row.tasks === exchanged && row.quantile === 0.5)!.consistency;
  expect(median('network', 'own')).toBeGreaterThan(median('network', 'exchanged') + 0.3);
});

test('members respond to their own task, also in the session that did not choose them; what is shared is told', async () => {
  const specificity = await networkSpecificityTable.read(join(folder.networks, 'specificity.parquet'));
  const selectivity = await unitSelectivityTable.read(join(folder.networks, 'selectivity.parquet'));
  const intersections = await networkIntersectionTable.read(join(folder.networks, 'intersections.parquet'));
  expect(specificity.map(({ task, members, own }) => [task, members, own])).toEqual([
    ['fossils', 6, 4],
    ['cells', 6, 4],
  ]);
  for (const row of specificity) {
    // Unit 20 responds to both alike, unit 9 in opposite directions.
    expect(row.selective).toBe(5);
    expect(row.selectivity).toBeGreaterThan(0.6);
    expect(row.held_out_selective).toBeGreaterThan(0.8);
  }
  expect(selectivity).toHaveLength(12);
  const shared = selectivity.filter(({ networks }) => networks === 2);
  expect(shared.map(({ unit }) => unit)).toEqual([9, 20, 9, 20]);
  for (const { unit, selectivity: own } of shared) expect(own > 0.9).toBe(unit === 9);
  expect(intersections.map(({ tasks, units, same }) => [tasks, units, same])).toEqual([
    ['fossils', 4, 4],
    ['cells', 4, 4],
    ['fossils + cells', 2, 1],
  ]);
});
