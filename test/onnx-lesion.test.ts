/** A study whose model is an .onnx file, lesioned from the prompt bank to the tables, beside one of the checkpoint that was exported. */
import { lesionComparisonTable, lesionPairTable, lesionTable, lesionTextTable, readManifest } from '@galvani/artifact';
import { stage as design } from '@galvani/design';
import { stage as extract, twinStage as twin } from '@galvani/extract';
import { stage as glm } from '@galvani/glm';
import { stage as lesion } from '@galvani/lesion';
import { stage as plan } from '@galvani/plan';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { expectWithinRelative } from './closeness.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';

let workspace: StageWorkspace;
/** What each study printed. */
const said = new Map<string, string>();

beforeAll(async () => {
  workspace = stageWorkspace('galvani-onnx-lesion-');
  workspace.write('pipelines/pairs.csv', `topic,good,bad\n${pairs().join('\n')}\n`);
  await runStudy('checkpoint', 'small');
  await runStudy('exported', 'exported/model.onnx');
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace.remove();
});

const pairs = () =>
  ['weather', 'cooking'].flatMap((topic) =>
    Array.from({ length: 5 }, (_, k) => `${topic},Number ${k} about ${topic} is,Number ${k} is about ${topic}`),
  );

const derivative = (study: string, path: string) => workspace.placeOf(study, path);

async function runStudy(study: string, model: string): Promise<void> {
  const printed: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((line) => printed.push(String(line)) > 0);
  await workspace.run(
    study,
    `model: ../../data/models/${model}
prompts: ../../data/prompts/small.csv
tasks: [weather, cooking]
design: { sessions: 2, promptsPerBlock: 2 }
extraction: { mode: read, sites: { include: ['*.fc1', '*.activation_fn'] } }
glm: { relabellings: 100 }
networks: { top: 10% }
lesion: { sites: [activation, linear], doses: [1], controls: 19, unmatched: 2, prompts: 6, otherPrompts: 4, pairs: ../pairs.csv }
`,
    [plan, design, extract, twin, glm, lesion],
  );
  said.set(study, printed.join(''));
}

/** A table of the checkpoint's study, and of that of the file. */
const ofBoth = <Row>(table: { read(path: string): Promise<Row[]> }, name: string) =>
  Promise.all(['checkpoint', 'exported'].map((study) => table.read(derivative(study, `lesion/${name}.parquet`))));

test('losses of unseen texts, untouched, lesioned and with matched units lesioned, are the checkpoint’s', async () => {
  const [expected, found] = await ofBoth(lesionTable, 'matrix');
  const cells = (rows: typeof found) => rows.map((row) => [row.sites, row.network, row.topic, row.units, row.texts]);
  expect(cells(found)).toEqual(cells(expected));
  expect(found).toHaveLength(2 * 2 * 3);
  const losses = (rows: typeof found) =>
    rows.flatMap(({ loss, change, control_change }) => [loss, loss + change, loss + control_change]);
  expectWithinRelative(losses(found), losses(expected), 1e-4);
  // Lesions that do nothing would agree too: each does at least ten times what is tolerated, to some topic.
  for (const { sites, network } of found) {
    const own = found.filter((row) => row.sites === sites && row.network === network);
    const largest = Math.max(...own.map(({ loss, change }) => Math.abs(change) / loss));
    expect(largest, `${sites}, ${network}`).toBeGreaterThan(1e-3);
  }
  const [asRead, texts] = await ofBoth(lesionTextTable, 'texts');
  expect(texts.map(({ prompt_id }) => prompt_id)).toEqual(asRead.map(({ prompt_id }) => prompt_id));
  const lossOf = (rows: typeof texts) => rows.map(({ loss }) => loss);
  expectWithinRelative(lossOf(texts), lossOf(asRead), 1e-4);
});

test('pairs are judged as by the checkpoint', async () => {
  const [expected, found] = await ofBoth(lesionPairTable, 'pairs');
  expect(found.map(({ accuracy, change }) => [accuracy, change])).toEqual(
    expected.map(({ accuracy, change }) => [accuracy, change]),
  );
  const margins = (rows: typeof found) => rows.flatMap(({ margin, margin_change }) => [margin, margin + margin_change]);
  expectWithinRelative(margins(found), margins(expected), 1e-3);
});

test('a file has no twin to compare with, which is said', async () => {
  const [checkpoint, exported] = await ofBoth(lesionComparisonTable, 'comparisons');
  const sorts = (rows: typeof exported) => [...new Set(rows.map(({ against }) => against))];
  expect(sorts(checkpoint)).toEqual(['matched', 'random', 'bottom', 'twin']);
  expect(sorts(exported)).toEqual(['matched', 'random', 'bottom']);
  expect(said.get('checkpoint')).not.toMatch(/nothing is compared/);
  expect(said.get('exported')).toMatch(
    /lesion: nothing is compared with the units that respond most in the untrained twin: an \.onnx file has no twin/,
  );
});

test('what was read outside the study is among the inputs, so that another bank, table or file makes lesions stale', async () => {
  const { inputs } = (await readManifest(derivative('exported', 'lesion')))!;
  const outside = Object.keys(inputs).filter((path) => !/^(design|extract|twin|glm)\//.test(path));
  expect(outside.sort()).toEqual([
    '../../data/models/exported/model.onnx',
    '../../data/models/exported/tokenizer.json',
    '../../data/prompts/small.csv',
    '../pairs.csv',
  ]);
});
