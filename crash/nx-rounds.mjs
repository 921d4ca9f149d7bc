// Kills `nx run pipeline:all` with all of its tasks, or Nx alone, whose tasks are then hung up on, and resumes it under Nx.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nxCommand } from '../test/copied-workspace.mjs';
import { startCommand } from './command.mjs';
import { differences, failure, sums } from './comparison.mjs';
import { derivatives, studyWorkspace } from './study-workspace.mjs';

/** `about` as crash.mjs makes it: its folder, the study, `moment` and `check`. */
export async function nxRounds(rounds, kills, { folder, study, moment, check }) {
  const root = studyWorkspace(study);
  const [state, built, out] = [join(root, '.nx'), join(folder, 'nx-built'), join(root, derivatives)];
  const nx = (...words) => {
    const { file, args, cwd, env } = nxCommand(root, words);
    return startCommand([file, ...args], { cwd, env, detached: true });
  };
  const galvani = (command) => {
    const { file, cwd, env } = nxCommand(root, []);
    return startCommand([file, 'apps/cli/bin/galvani.mjs', command, 'pipelines/default'], { cwd, env }).ended;
  };
  /** As after a build alone, which would take longer than the study. */
  const begin = () => {
    for (const each of [state, join(root, 'data/derivatives'), join(root, 'data/cache')])
      rmSync(each, { recursive: true, force: true });
    cpSync(built, state, { recursive: true });
  };
  let reference;
  /** The last command's failure, and what is not as it should be on disk. */
  const problems = async (last) => {
    const whole = await galvani('verify');
    const left = readdirSync(join(state, 'exit-codes')).map((name) => `.nx/exit-codes/${name} is left over`);
    return [...failure(last), ...differences(reference, out), ...failure(whole), ...left];
  };
  try {
    const build = await nx('run-many', '-t', 'build').ended;
    cpSync(state, built, { recursive: true });
    const plain = await galvani('run');
    reference = sums(out);
    begin();
    const began = performance.now();
    const first = await nx('run', 'pipeline:all').ended;
    const duration = performance.now() - began;
    const undisturbed = [build, plain].flatMap(failure).concat(await problems(first));
    check(`under Nx, undisturbed, the same bytes in ${(duration / 1000).toFixed(1)} s`, undisturbed);
    if (undisturbed.length > 0) return;
    for (let round = 1; round <= rounds; round++) {
      begin();
      const told = [];
      for (let k = 0; k < kills; k++) {
        const command = nx('run', 'pipeline:all');
        const [after, alone] = [moment() * duration, moment() < 0.5];
        const timer = setTimeout(() => (alone ? killGroup(command.pid) : killTree(command.pid)), after);
        const { code } = await command.ended;
        clearTimeout(timer);
        told.push(`${(after / 1000).toFixed(1)} s${code !== null ? ' (it had ended)' : alone ? ' (Nx alone)' : ''}`);
      }
      const last = await nx('run', 'pipeline:all').ended;
      check(`round ${round} under Nx: killed after ${told.join(', ')}, then resumed`, await problems(last));
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Nx runs a task in a session of its own, so that it is not in the group. */
function killGroup(pid) {
  process.kill(-pid, 'SIGKILL');
}

/** A process and all that it began, as `ps` knows them. */
function killTree(pid) {
  const lines = execFileSync('ps', ['-Ao', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const processes = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const tree = new Set([pid]);
  for (const parent of tree) for (const [child, its] of processes) if (its === parent) tree.add(child);
  for (const each of tree)
    try {
      process.kill(each, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
}
