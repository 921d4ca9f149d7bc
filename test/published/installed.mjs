#!/usr/bin/env node
// galvani as whoever installs it has it: all packages are published to a registry on loopback and installed in empty folders with no repository
// above them; a study is begun and run, the library imported from JavaScript and from TypeScript, and the same study run in a workspace of Nx.
// Needs what `npm run build` builds, and a registry that has the packages of others. Options:
//
//   --keep         keep the temporary folder
//
// The last line is "N passed, N failed"; the exit code is 1 where anything failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { startRegistry } from './registry.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const home = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'galvani-published-'));
const counts = { passed: 0, failed: 0 };

/** Says whether something is right; `problem` is empty where it is. */
function check(what, problem) {
  counts[problem === '' ? 'passed' : 'failed']++;
  console.log(`${problem === '' ? 'ok' : 'FAILED'}: ${what}`);
  if (problem !== '') console.log(problem.replace(/^/gm, '    '));
  return problem === '';
}

/** Nothing of this process's npm and Nx, as a person's shell has it. */
const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|NX_|GALVANI_|NODE_ENV|INIT_CWD)/i.test(name));
const registry = await startRegistry(join(folder, 'registry'), registryOf(home));
const environment = {
  ...Object.fromEntries(inherited),
  npm_config_userconfig: registry.userconfig,
  XDG_CACHE_HOME: join(folder, 'caches'),
  NX_DAEMON: 'false',
  NO_COLOR: '1',
  CI: 'true',
};

/** Runs a command to its end; what it printed, and the end of it as a problem where it failed. */
function run(cwd, command, ...words) {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const output = `${stdout}${stderr}`;
  return {
    output,
    problem: status === 0 ? '' : `${command} ${words.join(' ')} ended with ${status}:\n${output.slice(-2000)}`,
  };
}

/** The registry that npm asks in a folder. */
function registryOf(cwd) {
  return spawnSync('npm', ['config', 'get', 'registry'], { cwd, encoding: 'utf8' }).stdout.trim();
}

/** An empty folder. */
function empty(name) {
  mkdirSync(join(folder, name));
  return join(folder, name);
}

/** Makes the study that `init` wrote a small one. */
function shrink(path) {
  const text = readFileSync(path, 'utf8');
  const kept = text.split('\n').filter((line) => /^(model|prompts): /.test(line));
  writeFileSync(path, [...kept, small].join('\n'));
}

const small = `tasks: [paleontology, pathology]
design: { sessions: 2, promptsPerBlock: 2 }
extraction: { newTokens: 3, sites: { include: ['*layers.0.fc1', '*layers.1.fc1'] } }
glm: { relabellings: 100, runRelabellings: 100 }
networks: { correction: none, minimumEffect: 0 }
decode: { permutations: 100 }
geometry: { relabellings: 99, components: 2 }
lesion: { sites: [linear], doses: [1], controls: 19, unmatched: 2, prompts: 4, otherPrompts: 4 }
`;

/** Absolute paths in files of text below a folder, which would differ on another machine. */
function absolutePaths(root) {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(json|html)$/.test(path));
  return files.filter((path) => readFileSync(join(root, path), 'utf8').includes(folder)).join('\n');
}

try {
  run(home, process.execPath, 'scripts/embed-assets.mjs');
  const published = run(home, 'npm', 'publish', '--workspaces', '--ignore-scripts', '--registry', registry.url);
  rmSync(join(home, 'packages/core/frog/assets'), { recursive: true, force: true });
  if (check('every package is published', published.problem)) {
    command();
    strict();
    workspace();
  }
} finally {
  registry.stop();
  if (values.keep) console.log(folder);
  else rmSync(folder, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** With pnpm, where a package finds no other than those that it names, and no install script is run. */
function strict() {
  const cwd = empty('strict');
  writeFileSync(join(cwd, 'package.json'), '{}');
  const pnpm = (...words) => run(cwd, join(home, 'node_modules/.bin/pnpm'), ...words);
  const added = pnpm('add', 'galvani', '--store-dir', join(folder, 'pnpm'));
  if (!check('pnpm add galvani', added.problem)) return;
  const begun = pnpm('exec', 'galvani', 'init', 'my-study');
  if (!check('of it: galvani init', begun.problem)) return;
  shrink(join(cwd, 'my-study/study.yaml'));
  check('of it: galvani run', pnpm('exec', 'galvani', 'run', 'my-study').problem);
  check('of it: galvani view', pnpm('exec', 'galvani', 'view', 'my-study', '--static', 'viewer').problem);
}

/** The command and the library in an empty folder. */
function command() {
  const cwd = empty('empty');
  if (!check('npm install galvani', run(cwd, 'npm', 'install', 'galvani', '--onnxruntime-node-install=skip').problem))
    return;
  const begun = run(cwd, 'npx', 'galvani', 'init', 'my-study');
  check(
    'npx galvani init my-study',
    begun.problem || (/npx galvani run my-study/.test(begun.output) ? '' : begun.output),
  );
  const study = join(cwd, 'my-study');
  shrink(join(study, 'study.yaml'));
  const ran = run(cwd, 'npx', 'galvani', 'run', 'my-study');
  const wrong = [...readdirSync(study), ...readdirSync(cwd)].filter((name) => name === 'data');
  check(
    'npx galvani run my-study writes my-study/derivatives',
    ran.problem || (existsSync(join(study, 'derivatives/report/index.html')) ? wrong.join() : 'no report'),
  );
  if (ran.problem) return;
  check('the store is the user’s', existsSync(join(folder, 'caches/galvani/extract')) ? '' : 'there is none');
  check('no artifact says where galvani is installed', absolutePaths(join(study, 'derivatives')));
  const workflow = parse(readFileSync(join(home, 'examples/github-actions/study.yml'), 'utf8'));
  const steps = workflow.jobs.study.steps.flatMap((step) => (step.run?.startsWith('npx ') ? [step.run] : []));
  check('a workflow to copy has commands', steps.length > 2 ? '' : steps.join('\n'));
  for (const step of steps) check(`of it: ${step}`, run(cwd, 'sh', '-c', step).problem);
  const again = run(cwd, 'npx', 'galvani', 'run', 'my-study');
  check(
    'the same command again keeps the recordings',
    again.problem || (/ses-01_task-pathology: kept/.test(again.output) ? '' : again.output),
  );

  const script = (of) => `import { embeddedModel, openStudy, program } from 'galvani';
const { runs, glm, map } = await openStudy('my-study');
const names${of('string[]')} = runs.map((run) => run.name);
const units${of('number')} = (await map('task-pathology')).flags.length;
console.log(names.length, units === glm?.units, embeddedModel.endsWith('frog'), program().name());
`;
  writeFileSync(
    join(cwd, 'script.mjs'),
    script(() => ''),
  );
  const { output, problem } = run(cwd, process.execPath, 'script.mjs');
  check('the library in JavaScript', problem || (output === '4 true true galvani\n' ? '' : output));
  writeFileSync(
    join(cwd, 'script.mts'),
    script((type) => `: ${type}`),
  );
  const typescript = join(home, 'node_modules/typescript/bin/tsc');
  const types = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--skipLibCheck',
    '--types',
    'node',
    '--typeRoots',
    join(home, 'node_modules/@types'),
  ];
  check('the library in TypeScript', run(cwd, process.execPath, typescript, ...types, 'script.mts').problem);
}

/** The plugin in a workspace of Nx. */
function workspace() {
  const cwd = empty('workspace');
  const begun = run(
    cwd,
    process.execPath,
    join(folder, 'empty/node_modules/galvani/bin/galvani.mjs'),
    'init',
    '--nx',
    '.',
  );
  if (!check('galvani init --nx', begun.problem)) return;
  shrink(join(cwd, 'pipelines/workspace/study.yaml'));
  if (!check('npm install in it', run(cwd, 'npm', 'install').problem)) return;
  const first = run(cwd, 'npx', 'nx', 'run', 'workspace:all');
  const report = 'data/derivatives/workspace/report/index.html';
  if (!check('npx nx run workspace:all', first.problem || (existsSync(join(cwd, report)) ? '' : 'no report'))) return;
  if (!check('the same again', run(cwd, 'npx', 'nx', 'run', 'workspace:all').problem)) return;
  const { tasks } = JSON.parse(readFileSync(join(cwd, '.nx/workspace-data/cache/run.json'), 'utf8'));
  const ran = tasks.filter(({ cacheStatus, taskId }) => cacheStatus === 'cache-miss' && !/:all$/.test(taskId));
  check(`of ${tasks.length} tasks all were in the cache`, ran.map(({ taskId }) => taskId).join('\n'));
}
