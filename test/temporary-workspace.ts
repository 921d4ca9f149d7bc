import { spawn } from 'node:child_process';
import {
  cpSync,
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
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../', import.meta.url));

/** What became of one task: `ran`, `cached`, or `failed`; a task that was skipped is not listed. */
export type Outcome = 'ran' | 'cached' | 'failed';

/** One `nx run`. */
export interface NxRun {
  exitCode: number;
  /** Standard output and standard error. */
  output: string;
  /** By task: `pipeline:plan`, `pipeline/ses-01_task-pathology:extract`. */
  outcomes: Record<string, Outcome>;
}

/** A copy of the workspace in a temporary folder with its own Nx state; npm packages are links to the real ones. */
export interface TemporaryWorkspace {
  root: string;
  write(path: string, content: string): void;
  read(path: string): string;
  nx(target: string): Promise<NxRun>;
  remove(): void;
}

/** Copies sources and what is built, links node_modules, and leaves out studies, data and Nx's state. */
export function temporaryWorkspace(): TemporaryWorkspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'galvani-workspace-')));
  for (const file of [
    '.env',
    'nx.json',
    'package.json',
    'package-lock.json',
    'tsconfig.base.json',
    'tsconfig.json',
    '.gitignore',
  ])
    cpSync(join(home, file), join(root, file));
  const left = new Set(['node_modules', 'test', 'bench']);
  for (const folder of ['packages', 'apps'])
    cpSync(join(home, folder), join(root, folder), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !left.has(basename(path)),
    });
  linkModules(root);
  return {
    root,
    write(path, content) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    nx: (target) => runNx(root, target),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Links to every npm package; the workspace's own packages are linked to the copies. */
function linkModules(root: string): void {
  const modules = join(root, 'node_modules');
  mkdirSync(join(modules, '@galvani'), { recursive: true });
  for (const name of readdirSync(join(home, 'node_modules')))
    if (name !== '@galvani' && name !== '.cache' && name !== 'galvani')
      symlinkSync(join(home, 'node_modules', name), join(modules, name));
  for (const family of ['packages/core', 'packages/stages', 'packages', 'apps'])
    for (const name of readdirSync(join(root, family))) {
      const folder = join(family, name);
      if (!existsSync(join(root, folder, 'package.json'))) continue;
      symlinkSync(
        join(root, folder),
        join(modules, JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).name),
      );
      const nested = join(home, folder, 'node_modules');
      if (existsSync(nested)) symlinkSync(nested, join(root, folder, 'node_modules'));
    }
}

/** Runs a target with nothing of this process's Nx or test runner in its environment. */
async function runNx(root: string, target: string): Promise<NxRun> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NX_|VITEST|NODE_ENV|FORCE_COLOR|GALVANI_)/.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    CI: 'true',
    NX_DAEMON: 'false',
    NO_COLOR: '1',
    GALVANI_STORE: join(root, 'data/cache/extract'),
  };
  const record = join(root, '.nx/workspace-data/cache/run.json');
  rmSync(record, { force: true });
  const child = spawn(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run', target], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  const exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  const tasks: { taskId: string; cacheStatus: string; status: number }[] = existsSync(record)
    ? JSON.parse(readFileSync(record, 'utf8')).tasks
    : [];
  const outcomes = tasks.map(({ taskId, cacheStatus, status }) => [
    taskId,
    status !== 0 ? 'failed' : cacheStatus === 'cache-miss' ? 'ran' : 'cached',
  ]);
  return { exitCode, output, outcomes: Object.fromEntries(outcomes) };
}
