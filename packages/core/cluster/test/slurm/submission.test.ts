import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  batchFile,
  groupsOf,
  parseProfile,
  planSubmission,
  readQueue,
  submissionScript,
  submitBatches,
  writeBatches,
} from '../../src/index.js';
import { squeueWords } from '../../src/slurm/queue.js';
import { defaultTasks, statesOf } from '../default-study.js';

const list = await defaultTasks();
const galvani = ['node', '/opt/galvani.mjs'];
const plain = { profile: parseProfile('', 'cluster.yaml'), galvani };
const single = {
  profile: parseProfile('stages: { extract: { unitsPerTask: 1 }, twin: { unitsPerTask: 1 } }', 'cluster.yaml'),
  galvani,
};
const planned = (done?: (id: string) => boolean, queue: Parameters<typeof planSubmission>[2] = [], asked = plain) =>
  planSubmission(list, statesOf(list, done), queue, asked);
const indicesOf = (submissions: ReturnType<typeof planned>) =>
  Object.fromEntries(submissions.map(({ batch: { array } }) => [array.group, array.indices]));

let folder: string | undefined;
afterEach(() => {
  if (folder) rmSync(folder, { recursive: true });
  folder = undefined;
});

test('a study that is to be submitted whole: batch files and what a dry run prints', async () => {
  const submissions = planned();
  await expect(submissionScript(list, submissions).join('\n')).toMatchFileSnapshot('submitted/dry-run.txt');
  const text = (group: string) => batchFile(list, submissions.find(({ batch }) => batch.array.group === group)!.batch);
  await expect(text('extract')).toMatchFileSnapshot('submitted/extract.sbatch');
  await expect(text('lesion_shares')).toMatchFileSnapshot('submitted/lesion_shares.sbatch');
  await expect(text('lesion')).toMatchFileSnapshot('submitted/lesion.sbatch');
  await expect(text('report')).toMatchFileSnapshot('submitted/report.sbatch');
});

test('a profile is in the batch file: several units a task, a container, what goes before', async () => {
  const profile = parseProfile(
    `partition: batch
account: neuro
container: /images/galvani.sif
galvani: galvani
concurrent: 10
requeue: false
setup: [module load apptainer, ulimit -n 4096]
environment: { GALVANI_STORE: "/scratch/it's here" }
options: ['--mail-type=FAIL']
stages: { extract: { unitsPerTask: 5, memory: 8 GB, time: 01:00:00, cores: 16 } }
`,
    'cluster.yaml',
  );
  const [, { batch }] = planned((id) => id === 'design/x', [], { profile, galvani });
  await expect(batchFile(list, batch)).toMatchFileSnapshot('submitted/profile.sbatch');
});

test('units that one task does are given the time to start a process once', () => {
  const timeOf = (unitsPerTask: number) => {
    const profile = parseProfile(`stages: { extract: { unitsPerTask: ${unitsPerTask} } }`, 'cluster.yaml');
    const { batch } = planned(undefined, [], { profile, galvani }).find(
      (each) => each.batch.array.group === 'extract',
    )!;
    return /--time=(.*)/.exec(batchFile(list, batch))![1];
  };
  // Half an hour, and 40 seconds for each run.
  expect([1, 3, 24].map(timeOf)).toEqual(['00:40:00', '00:40:00', '00:50:00']);
});

test('what is done is not submitted, and what reads what is missing is', () => {
  const third = list.tasks.filter(({ stage }) => stage === 'extract')[2].id;
  const found = planned((id) => id !== third, [], single);
  const { extract, ...later } = indicesOf(found);
  expect(extract).toEqual([3]);
  expect(Object.keys(later)).toEqual([
    ...'glm_shares glm networks decode_shares decode controls yardstick geometry lesion_shares lesion report'.split(
      ' ',
    ),
  ]);
  expect(found[1].afterGroups).toEqual(['extract']);
  expect(found[2].afterGroups).toEqual(['extract', 'glm_shares']);
  expect(planned(() => true)).toEqual([]);
});

test('what is in the queue is not submitted again, unless something before it is', () => {
  const array = (job: string, group: string, ...indices: number[]) => ({
    ...{ job, group, plan: list.plan, size: 1 },
    indices: new Map(indices.map((k) => [k, 'RUNNING'])),
  });
  const rest = [...groupsOf(list).keys()].filter((group) => !['design', 'extract'].includes(group));
  const all = rest.map((group, g) => array(`${20 + g}`, group, ...Array.from({ length: 24 }, (_, i) => i + 1)));
  const extract = array('11', 'extract', ...Array.from({ length: 22 }, (_, i) => i + 3));
  const done = (id: string) => id === 'design';
  const first = planned(done, [extract, ...all], single);
  // Two recordings failed: they are done again, and with them what waits in vain for the array that they were in.
  expect(indicesOf(first).extract).toEqual([1, 2]);
  const glm = first.find(({ batch }) => batch.array.group === 'glm_shares')!;
  expect(glm.afterGroups).toEqual(['extract']);
  expect(glm.afterJobs).toEqual(['11']);
  expect(indicesOf(first).twin).toBeUndefined();
  const [one, two] = list.tasks.filter(({ stage }) => stage === 'extract').map(({ id }) => id);
  const half = (id: string) => done(id) || id === one || id === two;
  expect(planned(half, [extract, ...all], single)).toEqual([]);
});

test('submitting gives Slurm each array after those before it, and remembers what it answers', async () => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-slurm-'));
  const own = { ...list, workspace: folder };
  const told: string[] = [];
  const slurm = async (words: readonly string[]) => {
    if (words === squeueWords)
      return '101|2|RUNNING|default-extract\n101|17|PENDING|default-extract\n101|9|RUNNING|other\n7|1|RUNNING|default-glm\n102|[1-4]|PENDING|default-twin\n';
    told.push(words.slice(1).join(' '));
    return `${99 + told.length}\n`;
  };
  const submissions = planSubmission(own, statesOf(own), [], plain);
  await writeBatches(own, submissions);
  const jobs = await submitBatches(own, submissions, [], slurm);
  expect(told[0]).toBe('--parsable data/derivatives/default/cluster/design.sbatch');
  expect(told[1]).toBe('--parsable --dependency=afterok:100 data/derivatives/default/cluster/extract.sbatch');
  expect(jobs.get('extract')).toBe('101');
  const cluster = join(folder, 'data/derivatives/default/cluster');
  expect(readdirSync(cluster)).toEqual(expect.arrayContaining(['log', 'jobs.json', 'report.sbatch']));
  const queue = await readQueue(own, slurm);
  expect(queue?.map(({ job, indices }) => [job, [...indices]])).toEqual([
    [
      '101',
      [
        [2, 'RUNNING'],
        [17, 'PENDING'],
      ],
    ],
  ]);
  expect(await readQueue(own, () => Promise.reject(new Error('no squeue')))).toBeUndefined();
});

test('where Slurm refuses an array its words are told, and what was submitted before is remembered', async () => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-slurm-'));
  const own = { ...list, workspace: folder };
  const submissions = planSubmission(own, statesOf(own), [], plain);
  let calls = 0;
  const refusing = async () => {
    if (++calls < 3) return `${calls}`;
    throw Object.assign(new Error('failed'), {
      code: 1,
      stderr: 'sbatch: error: Invalid account\nsbatch: error: no.\n',
    });
  };
  await expect(submitBatches(own, submissions, [], refusing)).rejects.toThrow(
    /^Slurm does not take twin \(sbatch .*\): sbatch: error: Invalid account sbatch: error: no\. design, extract are submitted; the same command goes on from there\.$/,
  );
  const jobs = JSON.parse(readFileSync(join(folder, 'data/derivatives/default/cluster/jobs.json'), 'utf8')).jobs;
  expect(jobs.map(({ group }: { group: string }) => group)).toEqual(['design', 'extract']);
  const missing = () => Promise.reject(Object.assign(new Error('spawn sbatch ENOENT'), { code: 'ENOENT' }));
  await expect(submitBatches(own, submissions, [], missing)).rejects.toThrow(/there is no sbatch on this machine/);
  expect(existsSync(join(folder, 'data/derivatives/default/cluster/log'))).toBe(false);
});

test('a folder with a % in its name is not taken for a number of Slurm in the name of the log', () => {
  const [{ batch }] = planned();
  const text = batchFile({ ...list, workspace: '/data/100%a of it' }, batch);
  expect(text).toMatch('\n#SBATCH --chdir="/data/100%a of it"\n');
  expect(text).toMatch(/^#SBATCH --output="\/data\/100%%a of it\/.*\/log\/design-%A_%a\.txt"$/m);
});

test('a line break in a path or a name is refused, since what follows it would be taken for a line of shell', async () => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-slurm-'));
  const submissions = planned();
  for (const broken of [{ study: 'a\ntouch b' }, { workspace: join(folder, 'a\nb') }, { derivatives: 'a\rb' }])
    await expect(writeBatches({ ...list, workspace: folder, ...broken }, submissions)).rejects.toThrow(
      /"[^"]*\\[nr][^"]*" has a line break .* Slurm's batch files cannot say: rename the folder/,
    );
  expect(readdirSync(folder)).toEqual([]);
});
