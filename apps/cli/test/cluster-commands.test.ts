import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatBytes, UserMistake } from '@galvani/terminal';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { checksums } from '../../../test/checksums.js';
import { smallRuns, smallStudy, writeSmallStudy } from '../../../test/small-study.js';
import { galvani, said } from './run-command.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'galvani-engines-')));
const study = join(root, 'pipelines/default');
const derivatives = join(root, 'data/derivatives/default');
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
/** With lesions enough to be divided. */
const yaml = smallStudy.replace(/^lesion: .*\n/m, '');

beforeAll(() => {
  write('nx.json', '{}');
  writeSmallStudy({ root, write } as Parameters<typeof writeSmallStudy>[0]);
  write('pipelines/default/study.yaml', yaml);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const listed = async () => JSON.parse(await galvani('plan', study, '--json'));
const exec = async (...words: string[]) => galvani('exec', '--plan', join(root, (await listed()).file), ...words);

test('plan checks a study and forecasts what it takes, and with --json lists its tasks', async () => {
  const said = await galvani('plan', study, '--no-measure');
  expect(said).toContain('plan: default has 4 runs; what each stage is told is in');
  expect(said).toMatch(
    /forecast for 4 runs, \d+ prompts, .* [\d,]+ units .* at a stated rate .* nothing was measured here/,
  );
  expect(said).toMatch(/\n {2}extract +\d+ MB of memory +\d+ [KM]B of disk +[\d.]+ s\n/);
  const measured = await galvani('plan', study);
  expect(measured).toMatch(
    /forecast for 4 runs, \d+ prompts, tokens \d+ read and \d+ generated, .*\([\d,]+ tokens a second of this model, measured here/,
  );
  vi.stubEnv('GALVANI_MEMORY_BYTES', '100000000');
  vi.stubEnv('GALVANI_FREE_BYTES', '1000');
  // To a person it is a warning: the study may run elsewhere.
  await expect(galvani('plan', study)).resolves.toBeDefined();
  vi.unstubAllEnvs();
  const { workspace, tasks } = await listed();
  expect(workspace).toBe(root);
  expect(tasks.filter(({ stage }: { stage: string }) => stage === 'twin')).toHaveLength(4);
});

test('of a model of the Hub there is a forecast once its files are here', async () => {
  const cache = join(root, 'hub');
  vi.stubEnv('HF_HUB_CACHE', cache);
  write('pipelines/hub/study.yaml', smallStudy.replace(/^model:.*$/m, 'model: { hub: lab/small }'));
  expect(smallStudy).toMatch(/^model:/m);
  expect(await galvani('plan', join(root, 'pipelines/hub'))).toMatch(/forecast: none, since .* after its first run/);
  const commit = '0'.repeat(40);
  write('hub/models--lab--small/refs/main', commit);
  mkdirSync(join(cache, 'models--lab--small/snapshots'));
  symlinkSync(join(root, 'data/models/small'), join(cache, 'models--lab--small/snapshots', commit));
  expect(await galvani('plan', join(root, 'pipelines/hub'))).toMatch(/forecast for 4 runs, \d+ prompts/);
});

test('of an .onnx file there is a forecast, unless it does not even fit to be opened', async () => {
  const file = fileURLToPath(
    new URL('../../../packages/core/model/test/onnx-import/fixtures/opt-past/model.onnx', import.meta.url),
  );
  write('pipelines/exported/study.yaml', smallStudy.replace(/^model:.*$/m, `model: ${file}`));
  const plan = (...options: string[]) => galvani('plan', join(root, 'pipelines/exported'), ...options);
  expect(await plan('--no-measure')).toMatch(
    /forecast for 4 runs, \d+ prompts, .* units and weights of 136 KB as float32/,
  );
  vi.stubEnv('GALVANI_MEMORY_BYTES', '100000000');
  await plan();
  const why = /there is no forecast: extract needs about 150 MB of memory, .* and 100 MB are allowed here\./;
  expect(said()).toMatch(why);
  const { short, warnings } = JSON.parse(await plan('--json'));
  expect(short).toEqual([{ of: 'memory', stage: 'extract', needed: expect.any(Number), there: 100_000_000 }]);
  expect(warnings).toEqual([expect.stringMatching(why)]);
});

test('a model that does not fit is refused before it is read, with what plan says that it needs', async () => {
  const out = ['--out', join(root, 'small-machine')];
  vi.stubEnv('GALVANI_MEMORY_BYTES', '1000000');
  const { short } = JSON.parse(await galvani('plan', study, '--json', ...out));
  await galvani('design', study, ...out);
  for (const stage of ['extract', 'twin']) {
    const { needed } = short.find((each: { stage: string }) => each.stage === stage);
    await expect(galvani(stage, study, ...out)).rejects.toThrow(
      `${stage} needs about ${formatBytes(needed)} of memory`,
    );
  }
});

test('a unit of a stage has the bytes that the stage gives it, and nothing else is made', async () => {
  await exec('--stage', 'design');
  await exec('--stage', 'extract', '--units', '2');
  const [other, run] = [join(root, 'other'), smallRuns[1]];
  vi.stubEnv('GALVANI_STORE', join(root, 'other-store'));
  await galvani('design', study, '--out', other);
  await galvani('extract', study, '--out', other, '--run', run);
  expect(checksums(join(derivatives, 'extract'))).toEqual(checksums(join(other, 'extract')));
  expect(existsSync(join(derivatives, 'extract', run, 'manifest.json'))).toBe(true);
  expect(await exec('--stage', 'extract', '--units', run)).toContain(`${run}: kept`);
});

test('status counts what is done and says what to do', async () => {
  const said = await galvani('status', study);
  expect(said).toMatch(/^design {5}1 of 1\nextract {4}1 of 4\ntwin {7}0 of 4\n/);
  expect(said).toContain('2 of 26 tasks are done. galvani submit');
  const asJson = async () => JSON.parse(await galvani('status', study, '--json'));
  const { stages, ...rest } = await asJson();
  expect(rest).toMatchObject({ study: 'default', planned: 'yes', problems: [] });
  expect(stages[1]).toEqual({ stage: 'extract', done: 1, tasks: 4, queue: {} });
  write('pipelines/default/study.yaml', yaml.replace('relabellings: 100', 'relabellings: 200'));
  expect(await galvani('status', study)).toContain(
    'default: study.yaml is not as it was planned (relabellings: was 100, is 200). galvani submit',
  );
  expect(await asJson()).toMatchObject({ study: 'default', planned: 'another', stages: [], problems: [] });
  write('pipelines/default/study.yaml', yaml);
});

test('status of a study whose plan is damaged says so, and how far its stages are', async () => {
  const manifest = join(derivatives, 'plan/manifest.json');
  const text = readFileSync(manifest);
  writeFileSync(manifest, text.subarray(0, 200));
  const { planned, stages, problems } = JSON.parse(await galvani('status', study, '--json'));
  expect(planned).toBe('damaged');
  expect(problems[0]).toMatch(
    /plan\/manifest\.json is not a galvani manifest: run the stage .*, or galvani run, again$/,
  );
  expect(stages[1]).toMatchObject({ stage: 'extract', done: 1, tasks: 4 });
  writeFileSync(manifest, text);
});

test('a dry run submits what is missing, in words', async () => {
  const said = await galvani('submit', study, '--executor', 'slurm', '--dry-run');
  const lines = said.trim().split('\n');
  expect(lines[0]).toBe('extract=$(sbatch --parsable data/derivatives/default/cluster/extract.sbatch)');
  expect(lines).toHaveLength(14);
  expect(await galvani('export', 'snakemake', study)).toContain('cluster/Snakefile');
});

test('a job computes its own runs together, and leaves the others to other jobs', async () => {
  vi.stubEnv('GALVANI_STORE', join(root, 'third-store'));
  await exec('--stage', 'twin', '--units', '1-2');
  const entries = readdirSync(join(root, 'third-store')).filter((name) => /^[0-9a-f]{64}$/.test(name));
  expect(entries).toHaveLength(2);
});

test.each([
  [['exec', '--stage', 'glm'], /--plan <file>/],
  [['exec', '--plan', 'none.json', '--stage', 'glm'], /there is no list of tasks at none\.json/],
  [['submit', study], /--executor/],
  [['submit', study, '--executor', 'pbs'], /Allowed choices are slurm/],
  [['submit', study, '--executor', 'slurm', '--profile', 'none.yaml'], /there is no profile at none\.yaml/],
  [['export', study], /unknown command/],
])('%j is a mistake', async (words, sentence) => {
  const done = galvani(...words);
  await expect(done).rejects.toThrow(UserMistake);
  await expect(done).rejects.toThrow(sentence);
});
