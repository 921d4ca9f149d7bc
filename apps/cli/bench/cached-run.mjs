// What Nx takes to find every task of the default study in its cache, beside a bare run of as many tasks that do nothing and are
// in the cache too, in a workspace without plugins: wall time and processor time, medians of rounds in turn.
//
//   node apps/cli/bench/cached-run.mjs [--rounds 5]
//
// The study is the default one with fewer prompts, tokens, sites and relabellings, in a copy of the workspace with all of its studies: as
// many tasks and files, and a minute to fill the cache.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copyWorkspace, nxCommand } from '../../../test/copied-workspace.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
const home = fileURLToPath(new URL('../../../', import.meta.url));
const limit = 1.5;

const study = `
design: { sessions: 4, promptsPerBlock: 2 }
extraction: { newTokens: 2, sites: { include: ['*layers.*.fc*'] } }
glm: { relabellings: 100, runRelabellings: 100 }
networks: { correction: none, minimumEffect: 0 }
decode: { permutations: 100 }
geometry: { relabellings: 99, components: 2 }
`;

/** A copy of the workspace with this study as the default one. */
function studyWorkspace() {
  const root = copyWorkspace();
  for (const folder of ['data/models/frog', 'data/prompts', 'pipelines'])
    cpSync(join(home, folder), join(root, folder), { recursive: true });
  const path = join(root, 'pipelines/default/study.yaml');
  const head = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^(seed|model|prompts|tasks): /.test(line));
  writeFileSync(path, head.join('\n') + study);
  return root;
}

/** A workspace of nothing but a task that needs so many others, each a project. */
function bareWorkspace(tasks) {
  const root = mkdtempSync(join(tmpdir(), 'galvani-bare-'));
  const write = (name, content) => writeFileSync(join(root, name), JSON.stringify(content));
  const project = (name, target) => {
    mkdirSync(join(root, name));
    write(`${name}/project.json`, { name, targets: { [name === 'all' ? 'all' : 'nothing']: target } });
  };
  const { plugins: _, pluginsConfig: __, ...settings } = JSON.parse(readFileSync(join(home, 'nx.json'), 'utf8'));
  write('nx.json', settings);
  write('package.json', { name: 'bare', version: '0.0.0', private: true });
  cpSync(join(home, '.env'), join(root, '.env'));
  symlinkSync(join(home, 'node_modules'), join(root, 'node_modules'));
  const names = Array.from({ length: tasks }, (_, t) => `project-${t + 1}`);
  const nothing = { executor: 'nx:run-commands', options: { command: 'true' }, cache: true, inputs: [], outputs: [] };
  for (const name of names) project(name, nothing);
  project('all', { executor: 'nx:noop', dependsOn: [{ projects: names, target: 'nothing' }] });
  return root;
}

/** Runs a target and returns its seconds: on the wall, and of processors. */
function timed(root, target) {
  const { file, args, cwd, env } = nxCommand(root, ['run', target]);
  const script = 'TIMEFORMAT=\'%R %U %S\'; time "$@" > log 2>&1';
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', file, ...args], { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`nx run ${target} failed:\n${readFileSync(join(root, 'log'), 'utf8')}`);
  const [wall, user, system] = stderr.trim().split(/\s+/).map(Number);
  return { wall, processor: user + system };
}

/** The tasks of the last run, and those of them that were not in the cache. */
function lastRun(root) {
  const { tasks } = JSON.parse(readFileSync(join(root, '.nx/workspace-data/cache/run.json'), 'utf8'));
  const ran = tasks.filter(({ cacheStatus, taskId }) => cacheStatus === 'cache-miss' && !/:all$/.test(taskId));
  return { tasks: tasks.length, ran: ran.map(({ taskId }) => taskId) };
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const show = ({ wall, processor }) => `${wall.toFixed(2)} s, ${processor.toFixed(2)} s of processors`;

const own = studyWorkspace();
let bare;
try {
  const first = timed(own, 'pipeline:all');
  const { tasks } = lastRun(own);
  console.log(`  ${tasks} tasks, none in the cache: ${show(first)}`);
  bare = bareWorkspace(tasks - 1);
  timed(bare, 'all:all');
  const times = { own: [], bare: [] };
  for (let round = 0; round <= rounds; round++) {
    const each = { own: timed(own, 'pipeline:all'), bare: timed(bare, 'all:all') };
    const { ran } = lastRun(own);
    if (ran.length > 0) throw new Error(`not in the cache: ${ran.join(', ')}`);
    // The first warms up.
    if (round > 0) for (const name of ['own', 'bare']) times[name].push(each[name]);
  }
  const of = (name) => ({
    wall: median(times[name].map(({ wall }) => wall)),
    processor: median(times[name].map(({ processor }) => processor)),
  });
  const [cached, nothing] = [of('own'), of('bare')];
  console.log(`  all in the cache: ${show(cached)}`);
  console.log(`  as many tasks that do nothing: ${show(nothing)}`);
  const ratio = cached.wall / nothing.wall;
  const ofProcessors = (cached.processor / nothing.processor).toFixed(2);
  console.log(`  ratio ${ratio.toFixed(2)} (limit ${limit}); of processors ${ofProcessors}`);
  if (ratio > limit) process.exitCode = 1;
} finally {
  for (const root of [own, bare]) if (root) rmSync(root, { recursive: true, force: true });
}
