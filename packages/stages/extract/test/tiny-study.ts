import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeOutput, type Event, eventTable, openActivationFile, readManifest } from '@galvani/artifact';
import {
  commitStage,
  eventsPath,
  planOf,
  type RecordingStage,
  runFolder,
  type StageParameters,
  type StudyFolder,
  studyFolder,
  studySchema,
  writeParameters,
} from '@galvani/study';
import { readReference, referenceModels } from '../../../core/model/test/reference.js';

/** A workspace in a temporary folder: a tiny checkpoint with a tokenizer, and a study of it that is planned and designed. */
export interface TinyStudy {
  root: string;
  model: string;
  folder: StudyFolder;
  store: string;
  remove(): Promise<void>;
}

/** One character for each of the tiny vocabulary's tokens. */
export const letter = (id: number) => String.fromCodePoint(0x4e00 + id);
export const spell = (ids: ArrayLike<number>) => Array.from(ids, letter).join('');

const vocabulary = 97;

/** A tokenizer whose tokens are single characters, so that texts can be written for given ids. */
const tokenizer = {
  version: '1.0',
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: { type: 'Fuse' },
  model: {
    type: 'BPE',
    vocab: Object.fromEntries(Array.from({ length: vocabulary }, (_, id) => [letter(id), id])),
    merges: [],
  },
};

/** A checkpoint's files, as they come or with that tokenizer. */
export async function copyCheckpoint(name: string, target: string, withTokenizer = true): Promise<string> {
  await mkdir(target, { recursive: true });
  for (const file of ['config.json', 'model.safetensors'])
    await copyFile(join(referenceModels[name], file), join(target, file));
  if (withTokenizer) await writeFile(join(target, 'tokenizer.json'), JSON.stringify(tokenizer));
  return target;
}

/** The reference's prompts as events. */
export function referenceEvents(run: string): Event[] {
  return readReference('opt-galactica').map(({ inputIds }, p) => event(run, p, spell(inputIds)));
}

export function event(run: string, prompt: number, text: string): Event {
  return {
    run,
    session: 1,
    task: 'a',
    prompt,
    block: 0,
    condition: 'task',
    prompt_id: `p-${prompt}`,
    topic: 'a',
    form: 'statement',
    text,
  };
}

export const greedy = { method: 'greedy' } as const;

export async function tinyStudy(
  runs: Record<string, Event[]>,
  extraction: Partial<StageParameters['extract']> = {},
): Promise<TinyStudy> {
  const root = await mkdtemp(join(tmpdir(), 'galvani-extract-'));
  // With caches of its own.
  await writeFile(join(root, 'nx.json'), '{}');
  const folder = studyFolder(join(root, 'derivatives'));
  const model = await copyCheckpoint('opt-galactica', join(root, 'model'));
  await plan(folder, Object.keys(runs), extraction);
  await design(folder, runs);
  return {
    root,
    model,
    folder,
    store: join(root, 'store'),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Writes the parameters that the extract stage reads; what was designed is taken to be of them. */
export async function plan(
  folder: StudyFolder,
  runs: string[],
  extraction: Partial<StageParameters['extract']> = {},
  twin: { absent: string } | Partial<StageParameters['extract']> = {},
) {
  const asked: StageParameters['extract'] = {
    seed: 7,
    model: { path: 'model' },
    mode: 'generate',
    tokens: 'all',
    keep: 'tokens',
    moments: 'mean',
    newTokens: 6,
    sampling: greedy,
    sites: { include: ['*'], exclude: [] },
    storage: 'float32',
    device: 'cpu',
    ...extraction,
  };
  const { design: blocks, glm, networks, decode, yardstick, geometry, controls } = studySchema.parse({ tasks: ['a'] });
  await writeParameters(folder, {
    parameters: {
      design: { seed: 7, tasks: ['a'], design: blocks, prompts: ['prompts.csv'], restTopics: ['b'] },
      extract: asked,
      twin: 'absent' in twin ? twin : { ...asked, model: { twin: { path: 'model' }, seed: asked.seed }, ...twin },
      runs: runs.map((name) => ({ name, session: 1, task: 'a' })),
      glm: { seed: 7, ...glm },
      networks,
      decode: { seed: 7, ...decode },
      controls: { seed: 7, ...controls },
      yardstick: { seed: 7, ...yardstick },
      geometry: { seed: 7, ...geometry },
      report: { study: 'tiny', folder: 'pipelines/tiny', title: 'Tiny', description: '' },
    },
  });
  if (await readManifest(folder.design)) await design(folder, {});
}

/** Writes the events of some runs, and a manifest of these and those that were there, as the design stage does. */
export async function design(folder: StudyFolder, runs: Record<string, Event[]>): Promise<void> {
  const outputs = { ...(await readManifest(folder.design))?.outputs };
  for (const [run, events] of Object.entries(runs)) {
    await eventTable.write(eventsPath(folder, run), events);
    outputs[`${run}.parquet`] = await describeOutput(eventsPath(folder, run));
  }
  const plan = await planOf(folder, 'design');
  await commitStage(folder, 'design', folder.design, { plan, parameters: {}, inputs: {}, outputs, facts: {} });
}

export const targetOf = ({ folder }: TinyStudy, run: string, stage?: RecordingStage) => runFolder(folder, run, stage);

/** Every site's numbers, [rows x width]. */
export async function readRun(study: TinyStudy, run: string, stage?: RecordingStage) {
  const sites = new Map<string, number[]>();
  const folder = targetOf(study, run, stage);
  for (const file of (await readdir(folder)).filter((entry) => entry.endsWith('.arrow'))) {
    const reader = await openActivationFile(join(folder, file));
    for (const { site } of reader.columns) sites.set(site, []);
    for await (const { values } of reader.batches())
      for (const [c, { site }] of reader.columns.entries()) sites.get(site)!.push(...values[c]);
    await reader.close();
  }
  return sites;
}

/** The stage as it is built, for what only a process shows. */
export const builtStage = fileURLToPath(new URL('../../../../apps/cli/bundle/stage-extract.js', import.meta.url));
