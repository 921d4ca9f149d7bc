import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const core = fileURLToPath(new URL('../../', import.meta.url));
const built = (name: string) => pathToFileURL(join(core, name, 'dist/index.js')).href;
const checkpoint = join(core, 'model/test/fixtures/reference/opt-galactica');

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'galvani-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/**
 * Runs a program as on a person's machine and returns what it prints: onnxruntime sends nothing where a variable such as CI
 * says that nobody sits there, so the environment holds no more than the places to which programs of a person write.
 */
async function run(program: string, environment: Record<string, string> = {}): Promise<string> {
  const env = { HOME: home, TMPDIR: home, XDG_CACHE_HOME: '', ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env });
  return stdout;
}

const says = `console.log(process.report.getReport().environmentVariables.ORT_DISABLE_TELEMETRY);`;
const generates = `
  const { loadSubject } = await import('${built('model')}');
  const subject = await loadSubject(${JSON.stringify(checkpoint)});
  await subject.generate({ prompts: [Int32Array.of(5, 7)], newTokens: 2, sampling: { method: 'greedy' }, onStep() {} });`;
const permutes = `
  const { permutationT, planPermutations } = await import('${built('statistics')}');
  const plan = planPermutations({ labels: [1, 0, 0, 1, 0, 0], runs: new Int32Array(6), count: 5, seed: 1 });
  await permutationT({ means: Float64Array.of(3, 1, 4, 1, 5, 9), prompts: 6, units: 1, plan });`;
const opens = `
  const { InferenceSession } = await import('${built('onnx')}');
  await InferenceSession.create(new Uint8Array()).catch((error) => console.log(error.message));`;

test.each([
  ['a model that generates', generates, {}],
  ['a permutation test', permutes, {}],
  ['a session alone', opens, {}],
  ['a person who asked for telemetry', opens, { ORT_DISABLE_TELEMETRY: '0' }],
])('%s leaves nothing on the machine', async (_, program, environment) => {
  expect((await run(program + says, environment)).trim().split('\n').at(-1)).toBe('1');
  expect(await readdir(home)).toEqual([]);
});

const inWorker = (program: string, options = '') => `
  const { Worker } = await import('node:worker_threads');
  const program = ${JSON.stringify(`import('node:process').then(async () => { ${program} })`)};
  const worker = new Worker(program, { eval: true, ${options} });
  worker.on('error', (error) => console.log(error.name, error.message));`;

test('a worker thread opens sessions where the main thread or the environment has turned telemetry off', async () => {
  const refused = /^Model data pointer is null/;
  expect(await run(`await import('${built('onnx')}');${inWorker(opens)}`)).toMatch(refused);
  expect(await run(inWorker(opens), { ORT_DISABLE_TELEMETRY: '1' })).toMatch(refused);
  expect(await readdir(home)).toEqual([]);
});

test('a worker thread that would be the first to load the library, and cannot turn telemetry off, is refused', async () => {
  const refusal = /^UserMistake onnxruntime would send telemetry .* ORT_DISABLE_TELEMETRY=1/;
  expect(await run(inWorker(opens))).toMatch(refusal);
  expect(await run(inWorker(opens, "env: { ORT_DISABLE_TELEMETRY: '1' }"))).toMatch(refusal);
  expect(await readdir(home)).toEqual([]);
});
