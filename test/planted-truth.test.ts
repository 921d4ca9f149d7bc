/**
 * Planted truth: the stages on a model of which it is known by construction which units answer to which tokens. Networks are those
 * units, tasks are identified from them, and nothing is found in the model's untrained twin.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accuracyTable, networkUnitTable } from '@galvani/artifact';
import { stage as decode } from '@galvani/decode';
import { stage as design } from '@galvani/design';
import { stage as extract, twinStage as twin } from '@galvani/extract';
import { stage as glm } from '@galvani/glm';
import { stage as networks } from '@galvani/networks';
import { stage as plan } from '@galvani/plan';
import { workspaceOf } from '@galvani/study';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type PlantedCheckpoint, writePlantedCheckpoint } from './planted-checkpoint.js';

const tasks = ['boats', 'birds', 'bread'];
const restTopics = ['rocks', 'rooms', 'roads', 'rules'];
const sessions = 3;
const promptsPerBlock = 6;
const wordsPerPrompt = 3;
/** As many as all rest blocks take, and more than those of a task. */
const promptsPerTopic = Math.ceil((tasks.length * sessions * 2 * promptsPerBlock) / restTopics.length);

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
  await runStudy('planted', 'model: ../model');
  await runStudy('twin', 'model: { twin: ../model, seed: 1 }');
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

const derivative = (study: string, path: string) => join(root, study, 'derivatives', path);

async function runStudy(study: string, model: string): Promise<void> {
  const folder = join(root, study);
  const yaml = join(folder, 'study.yaml');
  await mkdir(folder, { recursive: true });
  await writeFile(
    yaml,
    `${model}
prompts: ../prompts.csv
tasks: [${tasks}]
design: { sessions: ${sessions}, promptsPerBlock: ${promptsPerBlock} }
extraction: { newTokens: 4, sites: { include: ['*.fc1', '*.activation_fn'] } }
glm: { relabellings: 100, runRelabellings: 100 }
networks: { family: study }
decode: { permutations: 100 }
`,
  );
  const told = { study: derivative(study, ''), root: workspaceOf(yaml), yaml, signal: new AbortController().signal };
  for (const stage of [plan, design, extract, twin, glm, networks, decode]) await stage(told);
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
