import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyWorkspace, nxCommand } from './copied-workspace.mjs';

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

/** A copy of the workspace in a temporary folder with its own Nx state. */
export interface TemporaryWorkspace {
  root: string;
  write(path: string, content: string): void;
  read(path: string): string;
  /** Runs targets of one project: `pipeline:all`, or `pipeline:glm` and `pipeline:decode` together. */
  nx(...targets: string[]): Promise<NxRun>;
  /** Runs a target of all projects that have it. */
  runMany(target: string): Promise<NxRun>;
  remove(): void;
}

export function temporaryWorkspace(): TemporaryWorkspace {
  const root = copyWorkspace();
  return {
    root,
    write(path, content) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    nx: (...targets) => runNx(root, targets.length === 1 ? ['run', targets[0]] : together(targets)),
    runMany: (target) => runNx(root, ['run-many', '-t', target]),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function runNx(root: string, words: string[]): Promise<NxRun> {
  const record = join(root, '.nx/workspace-data/cache/run.json');
  rmSync(record, { force: true });
  const { file, args, cwd, env } = nxCommand(root, words);
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
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

/** As words of Nx: `run-many -p pipeline -t glm,decode`. */
function together(targets: string[]): string[] {
  const parts = targets.map((target) => target.split(/:(?=[^:]*$)/));
  return ['run-many', '-p', parts[0][0], '-t', parts.map(([, target]) => target).join()];
}
