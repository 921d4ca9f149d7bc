/**
 * Planted truth: the stages on a model of which it is known by construction which units answer to which tokens. Networks are those
 * units, tasks are identified from them, and nothing is found in the model's untrained twin.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  accuracyTable,
  lesionComparisonTable,
  lesionPairTable,
  lesionSelectivityTable,
  lesionTable,
  networkUnitTable,
  readAnyTable,
  steerTable,
} from '@galvani/artifact';
import { stage as decode } from '@galvani/decode';
import { stage as design } from '@galvani/design';
import { stage as extract, twinStage as twin } from '@galvani/extract';
import { stage as glm } from '@galvani/glm';
import { stage as lesion } from '@galvani/lesion';
import { type MaskFormat, type SiteUnits, writeMask } from '@galvani/mask';
import { stage as networks } from '@galvani/networks';
import { stage as plan } from '@galvani/plan';
import { stage as steer } from '@galvani/steer';
import { workspaceOf } from '@galvani/study';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type PlantedCheckpoint, writePlantedCheckpoint } from './planted-checkpoint.js';

const tasks = ['boats', 'birds', 'bread'];
const restTopics = ['rocks', 'rooms', 'roads', 'rules'];
const sessions = 3;
const promptsPerBlock = 6;
const wordsPerPrompt = 3;
/** A few more than all rest blocks take, and more than those of a task. */
const promptsPerTopic = Math.ceil((tasks.length * sessions * 2 * promptsPerBlock) / restTopics.length) + 4;

let root: string;
let checkpoint: PlantedCheckpoint;
const store = process.env.GALVANI_STORE;

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  root = await mkdtemp(join(tmpdir(), 'galvani-planted-'));
  process.env.GALVANI_STORE = join(root, 'store');
  const topics = [...tasks, ...restTopics];
  const words = promptsPerTopic * wordsPerPrompt;
  checkpoint = await writePlantedCheckpoint(join(root, 'model'), topics, tasks.length, words);
  await writeFile(join(root, 'prompts.csv'), promptBank(topics));
  await writeFile(join(root, 'pairs.csv'), pairs());
  await writePlantedCheckpoint(join(root, 'writing'), topics, tasks.length, words, 0.06);
  await runStudy('planted', 'model: ../model', [...identifying, lesion]);
  await runStudy('twin', 'model: { twin: ../model, seed: 1 }', identifying);
  // What it generated would be of the tasks' topics, in rest too.
  await runStudy('writing', 'model: ../writing', [plan, design, extract, twin, glm, lesion, steer], 'mode: read');
});
afterAll(async () => {
  vi.restoreAllMocks();
  if (store === undefined) delete process.env.GALVANI_STORE;
  else process.env.GALVANI_STORE = store;
  await rm(root, { recursive: true, force: true });
});

/**
 * A word that all topics use, then the topic's own, none of them in two prompts: what tells topics apart has to be learned, and is not
 * in a twin, to which words are as good as any others.
 */
function promptBank(topics: readonly string[]): string {
  const common = checkpoint.words.get('')!;
  const rows = topics.flatMap((topic) =>
    Array.from({ length: promptsPerTopic }, (_, p) => {
      const own = checkpoint.words.get(topic)!.slice(wordsPerPrompt * p, wordsPerPrompt * (p + 1));
      return `${topic}-${p},${topic},${[common[p % common.length], ...own].join(' ')}`;
    }),
  );
  return `id,topic,text\n${rows.join('\n')}\n`;
}

/** After words of a topic a further one of it against one of another task's. */
function pairs(): string {
  const rows = tasks.flatMap((topic, t) =>
    Array.from({ length: 20 }, (_, k) => {
      const own = checkpoint.words.get(topic)!.slice(3 * k, 3 * k + 3);
      const other = checkpoint.words.get(tasks[(t + 1) % tasks.length])![3 * k];
      const context = own.slice(0, 2).join(' ');
      return [topic, own[2], other, context, context].join(',');
    }),
  );
  return `topic,good,bad,good_context,bad_context\n${rows.join('\n')}\n`;
}

const identifying = [plan, design, extract, twin, glm, networks, decode];

const derivative = (study: string, path: string) => join(root, study, 'derivatives', path);

async function runStudy(
  study: string,
  model: string,
  stages: readonly (typeof plan)[],
  extraction = 'newTokens: 4',
): Promise<void> {
  const folder = join(root, study);
  const yaml = join(folder, 'study.yaml');
  await mkdir(folder, { recursive: true });
  await writeFile(
    yaml,
    `${model}
prompts: ../prompts.csv
tasks: [${tasks}]
design: { sessions: ${sessions}, promptsPerBlock: ${promptsPerBlock} }
extraction: { ${extraction}, sites: { include: ['*.fc1', '*.activation_fn'] } }
glm: { relabellings: 100, runRelabellings: 100 }
networks: { family: study }
decode: { permutations: 100 }
lesion: { controls: 59, prompts: 9, otherPrompts: 9, pairs: ../pairs.csv }
steer: { strengths: [-2, 0, 3], prompts: 12, tokens: 12 }
`,
  );
  const told = { study: derivative(study, ''), root: workspaceOf(yaml), yaml, signal: new AbortController().signal };
  for (const stage of stages) await stage(told);
}

/** For each task the members of its network, with sign, as the checkpoint names units. */
async function networksOf(study: string): Promise<Map<string, Map<string, number>>> {
  const found = new Map(tasks.map((task) => [task, new Map<string, number>()]));
  for (const { task, site, unit, d } of await networkUnitTable.read(derivative(study, 'networks/units.parquet')))
    found.get(task)!.set(`${site} ${unit}`, Math.sign(d));
  return found;
}

const accuracyOf = (study: string) => accuracyTable.read(derivative(study, 'decode/accuracy.parquet'));

test('each network is the units that were planted for its task', async () => {
  const found = await networksOf('planted');
  for (const task of tasks) {
    const [truth, network] = [checkpoint.planted.get(task)!, found.get(task)!];
    const hits = [...network].filter(([unit, sign]) => truth.get(unit) === sign).length;
    expect(hits / truth.size, `sensitivity for ${task}`).toBeGreaterThanOrEqual(0.95);
    expect(hits / network.size, `precision for ${task}`).toBeGreaterThanOrEqual(0.95);
  }
});

test('every held-out run and prompt is identified', async () => {
  const runs = tasks.length * sessions;
  const prompts = runs * promptsPerBlock;
  expect((await accuracyOf('planted')).map(({ level, correct, total }) => [level, correct, total])).toEqual([
    ['run', runs, runs],
    ['prompt', prompts, prompts],
  ]);
});

// One threshold for the units of all tasks, which noise passes with probability 0.05: about one seed in twenty makes a twin that has
// a member somewhere.
test('in the twin all networks are empty and no task is identified', async () => {
  expect(await networksOf('twin')).toEqual(new Map(tasks.map((task) => [task, new Map()])));
  for (const { level, p } of await accuracyOf('twin')) expect(p, level).toBeGreaterThan(0.05);
});

const lesioned = async (study: string) => ({
  matrix: await lesionTable.read(derivative(study, 'lesion/matrix.parquet')),
  selectivity: await lesionSelectivityTable.read(derivative(study, 'lesion/selectivity.parquet')),
});

test('where units write what their task shares, its texts suffer without the network, and no other lesion of the whole does as much', async () => {
  const { matrix, selectivity } = await lesioned('writing');
  const whole = selectivity.filter(({ dose }) => dose === 1);
  expect(whole.map(({ network }) => network)).toEqual(tasks);
  for (const row of whole) {
    expect(row.p_over_networks, row.network).toBe(1 / 60);
    expect(row.lower).toBeGreaterThan(0);
    // Control units, some of them members, do less than half.
    expect(row.control_selectivity).toBeLessThan(row.selectivity / 2);
    expect(row.own).toBeGreaterThan(
      selectivity.find((each) => each.network === row.network && each.dose === 0.25)!.own,
    );
  }
  for (const { topic, network, p_over_matrix } of matrix.filter(({ dose }) => dose === 1))
    if (topic === network) expect(p_over_matrix).toBe(1 / 60);
    else expect(p_over_matrix).toBeGreaterThan(0.05);
});

test('without the network its topic’s words are told from others’ less often, and other units of any sort do less', async () => {
  const pairs = await lesionPairTable.read(derivative('writing', 'lesion/pairs.parquet'));
  for (const row of pairs.filter(({ dose }) => dose === 1)) {
    const where = `${row.topic} without ${row.network}`;
    expect(row.pairs).toBe(20);
    expect(row.accuracy, where).toBeGreaterThan(0.9);
    if (row.topic === row.network) {
      expect(row.change, where).toBeLessThan(-0.1);
      expect(row.margin_change, where).toBeLessThan(0);
      expect(row.p_over_matrix, where).toBeLessThanOrEqual(0.05);
    } else expect(row.p_over_matrix, where).toBeGreaterThan(0.05);
  }
  const { selectivity } = await lesioned('writing');
  const comparisons = await lesionComparisonTable.read(derivative('writing', 'lesion/comparisons.parquet'));
  expect(new Set(comparisons.map(({ against }) => against))).toEqual(new Set(['matched', 'random', 'bottom', 'twin']));
  for (const { network, against, selectivity: other } of comparisons)
    expect(other, `${network} ${against}`).toBeLessThan(
      selectivity.find((row) => row.network === network && row.dose === 1)!.selectivity / 2,
    );
});

test('steered along a network the model writes words of its task, and along random directions of equal norm it does not', async () => {
  const shift = await steerTable.read(derivative('writing', 'steer/shift.parquet'));
  for (const task of tasks) {
    const [damped, untouched, steered] = [-2, 0, 3].map((s) => shift.find((r) => r.task === task && r.strength === s)!);
    expect(steered.p, task).toBeLessThanOrEqual(2 / 40);
    expect(steered.lower).toBeGreaterThan(0);
    expect(steered.probability).toBeGreaterThan(0.85);
    expect(Math.abs(steered.random_shift)).toBeLessThan(steered.shift / 2);
    expect([untouched.shift, untouched.read_change]).toEqual([0, 0]);
    expect(damped.probability).toBeLessThan(steered.probability);
  }
});

test('where nothing comes of what units answer, no network is needed for anything', async () => {
  const { matrix, selectivity } = await lesioned('planted');
  // Weights are random, so that changes are not 0.
  const needed = (await lesioned('writing')).selectivity.filter(({ dose }) => dose === 1).map(({ own }) => own);
  for (const { change } of matrix) expect(Math.abs(change)).toBeLessThan(Math.min(...needed) / 10);
  expect(selectivity.filter(({ dose }) => dose === 1).map(({ network }) => network)).toEqual(tasks);
});

const mask = (study: string, task: string, format: MaskFormat, sites?: string[], selection?: SiteUnits[]) =>
  writeMask({
    ...{ study: derivative(study, ''), root: workspaceOf(join(root, study, 'study.yaml')) },
    ...{ task, format, sites, selection, out: join(root, `${task}.${format}`) },
  });

interface WrittenSite {
  site: string;
  units: number[];
  signs: number[];
  writes: { parameter: string }[];
}

test('the mask of a network names its units, and the weights of these', async () => {
  const found = await networksOf('planted');
  for (const task of tasks) {
    const written = await mask('planted', task, 'json');
    const { sites } = JSON.parse(await readFile(join(root, `${task}.json`), 'utf8')) as { sites: WrittenSite[] };
    const named = sites.flatMap(({ site, units, signs }) => units.map((u, i) => [`${site} ${u}`, signs[i]] as const));
    expect(new Map(named)).toEqual(found.get(task));
    expect(written.units).toBe(named.length);
    const parameters = sites.flatMap(({ writes }) => writes.map(({ parameter }) => parameter));
    for (const parameter of parameters) expect(parameter).toMatch(/\.fc1\.(weight|bias)$/);
    // The same units as a selection have the same mask.
    const bytes = await readFile(join(root, `${task}.json`), 'utf8');
    const selection = sites.map(({ site, units, signs }) => ({
      ...{ site, units: Int32Array.from(units), signs: Int8Array.from(signs) },
    }));
    await mask('planted', task, 'json', undefined, selection);
    expect(await readFile(join(root, `${task}.json`), 'utf8')).toBe(bytes);
  }
  await mask('planted', 'boats', 'parquet', ['*.fc1']);
  const { rows } = await readAnyTable(join(root, 'boats.parquet'));
  const units = new Set(rows.map(({ site, unit }) => `${site} ${unit}`));
  expect(units).toEqual(new Set([...found.get('boats')!.keys()].filter((unit) => unit.includes('fc1 '))));
});

test('what has no mask is said in a sentence', async () => {
  await expect(mask('planted', 'boat', 'csv')).rejects.toThrow(
    "the study has no task 'boat'. Did you mean 'boats'? Its tasks are boats, birds, bread.",
  );
  await expect(mask('twin', 'boats', 'csv')).rejects.toThrow(/the network of 'boats' is empty: no unit survives/);
  await expect(mask('planted', 'boats', 'csv', ['*.fc9'])).rejects.toThrow(/matches none of the model's/);
});
