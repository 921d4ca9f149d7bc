import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { galvani } from './run-command.js';

const model = new URL('../../../packages/core/model/test/fixtures/reference/opt-galactica', import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

test('trace writes a row per token and a column per site, and prints the continuation', async () => {
  const out = join(folder, 'trace.arrow');
  const printed = await galvani('trace', model, '--input-ids', '5,7,9', '--new-tokens', '4', '--out', out);
  const table = tableFromIPC(await readFile(out));
  expect(table.numRows).toBe(4);
  expect([...table.getChild('token_id')!]).toEqual(printed.trim().split(',').map(Number));
  expect([...table.getChild('position')!]).toEqual([0, 1, 2, 3]);
  const names = table.schema.fields.map(({ name }) => name);
  expect(names.slice(0, 3)).toEqual(['position', 'token_id', 'log_probability']);
  expect(names).toContain('model.decoder.layers.1.fc1');
  expect(names).toContain('lm_head');
});

test('several prompts are recorded side by side', async () => {
  const out = join(folder, 'two.arrow');
  await galvani('trace', model, '--input-ids', '5,7,9', '6,8', '--new-tokens', '3', '--out', out);
  const table = tableFromIPC(await readFile(out));
  expect([...table.getChild('prompt')!].sort()).toEqual([0, 0, 0, 1, 1, 1]);
  const alone = join(folder, 'one.arrow');
  await galvani('trace', model, '--input-ids', '6,8', '--new-tokens', '3', '--out', alone);
  const second = [...table].filter((row) => row?.prompt === 1).map((row) => row?.token_id);
  expect(second).toEqual([...tableFromIPC(await readFile(alone)).getChild('token_id')!]);
});

test('trace and sites say on standard error which modules of an ONNX file have no site', async () => {
  const file = new URL(
    '../../../packages/core/model/test/onnx-import/fixtures/rewritten/llama-optimized/model.onnx',
    import.meta.url,
  ).pathname;
  const said = () => vi.mocked(process.stderr.write).mock.calls.join('');
  await galvani('trace', file, '--input-ids', '5,7', '--new-tokens', '1', '--out', join(folder, 'warned.arrow'));
  expect(said()).toMatch(/galvani: \d+ of the \d+ nodes .*carry no module's path.*model\.layers\.0/);
  vi.restoreAllMocks();
  await galvani('sites', file);
  expect(said()).toMatch(/galvani: \d+ of the \d+ nodes .*carry no module's path.*model\.layers\.0/);
});

test('--sites and --exclude choose columns', async () => {
  const out = join(folder, 'some.arrow');
  const choice = ['--sites', 'model.decoder.layers.0*', '--exclude', '*fc*'];
  await galvani('trace', model, '--input-ids', '5', '--new-tokens', '1', '--out', out, ...choice);
  const names = tableFromIPC(await readFile(out)).schema.fields.map(({ name }) => name);
  expect(names.slice(3).every((name) => name.startsWith('model.decoder.layers.0'))).toBe(true);
  expect(names).not.toContain('model.decoder.layers.0.fc1');
});

test('sites lists names, widths and kinds', async () => {
  expect(await galvani('sites', model)).toMatch(/^model\.decoder\.layers\.2\.fc1 +64 +linear$/m);
  const { sites, contextLength } = JSON.parse(await galvani('sites', model, '--json'));
  expect(sites).toHaveLength(34);
  expect(contextLength).toBe(64);
});

test.each([
  [['frobnicate'], /unknown command 'frobnicate'/],
  [[], /which command\? init, run, plan, design/],
  [['trace', model, '--out', 'x'], /needs either --prompt TEXT or --input-ids/],
  [['trace', model, '--prompt', 'a'], /required option '--out <file>'/],
  [['trace', model, '--out', 'x', '--input-ids', '5,seven'], /token ids separated by commas, such as 5,7,9/],
  [['trace', model, '--out', 'x', '--input-ids', '5', '--new-tokens', '0'], /whole number of at least 1/],
  [['trace', model, '--out', 'x', '--input-ids', '5', '--temperature', 'hot'], /number above 0 and at most 10/],
  [
    ['trace', model, '--out', 'x', '--input-ids', '5', '--sites', 'model.decoder.layer.0.fc1'],
    /model\.decoder\.layers\.0\.fc1/,
  ],
  [
    ['trace', model, '--out', tmpdir(), '--input-ids', '5'],
    /is a folder; give the name of the file to write, such as /,
  ],
  [['trace', model, '--out', '/dev/null', '--input-ids', '5'], /\/dev\/null is not a regular file/],
  [
    ['trace', model, '--out', join(model, 'config.json/x.arrow'), '--input-ids', '5'],
    /config\.json is a file and not a/,
  ],
  [
    ['calibrate', '--quick', '--out', tmpdir()],
    /is a folder; give the name of the file to write, such as \S+\.parquet\./,
  ],
  [
    ['calibrate', '--study', 'pipelines/default', 'pipelines/reading', '--out', 'x.parquet'],
    /^--out and --derivatives are of one study: name one study/,
  ],
  [['plan', 'pipelines/default', '--out', join(model, 'config.json')], /config\.json is a file and not a folder/],
  [
    ['trace', model, '--out', 'x', '--input-ids', '5', '--new-tokens', '100000'],
    /^--new-tokens is 100000, and the context of opt-galactica holds 64 tokens/,
  ],
  [['trace', '/nowhere', '--out', 'x', '--input-ids', '5'], /\/nowhere/],
  [['sites', 'hub:galactica'], /not a model on the Hub; write hub:owner\/name/],
  [['verify', 'pipelines/default', '--out', '/nowhere'], /^\/nowhere does not exist, so there is nothing to verify/],
  [['verify', 'pipelines/default', '--out', join(model, 'config.json')], /config\.json is not a folder/],
  [['sites', '/nowhere'], /^\/nowhere does not exist: a model is a folder in/],
  [['sites', join(model, 'config.json')], /config\.json is a file and no ONNX model: a model is a folder in/],
  [['networks', '/nowhere/study.yaml'], /there is no study at/],
  [['export', 'bids', 'nowhere'], /^there is no study at nowhere\.$/],
  [['unit', 'nowhere', 'a', '3'], /^there is no study at nowhere\.$/],
  [['view', 'nowhere'], /^there is no study at nowhere\.$/],
  [['view', 'pipelines/default', '--port', '99999'], /'--port <number>' .* at least 0 and at most 65535/],
])('%j is a mistake that says what is allowed', async (words, message) => {
  const error = await galvani(...words).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  expect(error?.message).toMatch(message);
  expect(error?.name).toBe('UserMistake');
});

test('plan and design work from the folder of a study; an unknown run is named', async () => {
  const study = join(folder, 'pipelines/small');
  await mkdir(study, { recursive: true });
  await writeFile(join(folder, 'nx.json'), '{}');
  const rows = ['fossils', 'bread'].flatMap((topic) =>
    Array.from({ length: 8 }, (_, i) => `${topic}-${i},${topic},"about ${topic}, ${i}"`),
  );
  await writeFile(join(folder, 'bank.csv'), `id,topic,text\n${rows.join('\n')}\n`);
  await writeFile(
    join(study, 'study.yaml'),
    `model: ${model}\nprompts: ../../bank.csv\ntasks: [fossils]\ndesign: { sessions: 2, promptsPerBlock: 2 }\n`,
  );
  expect(await galvani('plan', study)).toContain('small has 2 runs');
  expect(await galvani('design', study)).toBe('design: 2 runs, 12 prompts\n');
  await expect(galvani('extract', study, '--run', 'ses-03_task-fossils')).rejects.toThrow(
    /no run 'ses-03_task-fossils'; its runs are ses-01_task-fossils, ses-02_task-fossils/,
  );
});

test('--help and --version are answers', async () => {
  expect(await galvani('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await galvani('trace', '--help')).toMatch(/^Usage: galvani trace .*--out <file>/s);
});

test.each([
  ['plan', 'pipelines/default', '--out', ''],
  ['verify', 'pipelines/default', '--out='],
  ['glm', '--series', 'a.npy', '--series', ''],
  ['trace', model, '--input-ids', '5', '--sites', ''],
  ['trace', model, '--input-ids', '5', '--out', ''],
  ['sites', ''],
  ['plan', ''],
])('an empty path or name is refused: %j', async (...words) => {
  const asked =
    words[0] === 'trace' && !words.includes('--out') ? [...words, '--out', join(folder, 'no.arrow')] : words;
  const flag =
    words.findLast((word) => word.startsWith('--'))?.replace('=', '') ?? `<${words[0] === 'plan' ? 'study' : 'model'}>`;
  await expect(galvani(...asked)).rejects.toThrow(`${flag} is empty: give it a value`);
});
