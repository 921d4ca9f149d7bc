import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCommand } from '../../crash/command.mjs';
import { commandsWith } from './processes.mjs';

/** Stages one of whose jobs is killed: a run, and shares. */
const doomed = ['extract', 'glm', 'lesion'];

/** The list of tasks as it stands on a job's command line: relative to the workspace, which is the folder of study.yaml. */
const tasksFile = (out, folder) =>
  relative(
    join(folder, 'default'),
    join(
      out,
      'cluster',
      readdirSync(join(out, 'cluster')).find((name) => name.startsWith('tasks-')),
    ),
  );

/** A study under Snakemake, three of whose jobs are killed. */
export async function killedJobs({ folder, place, check, unlike, failure }) {
  const own = place('on-snakemake');
  check('exported for Snakemake', failure(await own.start('export snakemake').ended));
  const words = [
    '--snakefile',
    join(own.out, 'cluster/Snakefile'),
    '--cores',
    '2',
    '--rerun-incomplete',
    '--retries',
    '2',
  ];
  const snakemake = startCommand(['snakemake', ...words], { env: own.env, cwd: folder, detached: true });
  const tasks = tasksFile(own.out, folder);
  let ended = false;
  snakemake.ended.then(() => {
    ended = true;
  });
  const killed = [];
  /** Milliseconds that a stage's jobs have before one is killed: fewer, where one was quicker. */
  const grace = new Map(doomed.map((stage) => [stage, 700]));
  while (!ended && killed.length < doomed.length) {
    for (const stage of doomed.filter((each) => !killed.includes(each))) {
      const [pid] = commandsWith(tasks, 'exec', '--stage', stage);
      if (pid === undefined) continue;
      // Somewhere within its work, whatever that is: galvani has begun by then.
      await sleep(grace.get(stage));
      try {
        process.kill(pid, 'SIGKILL');
        killed.push(stage);
      } catch {
        grace.set(stage, grace.get(stage) / 2);
      }
    }
    await sleep(20);
  }
  const done = await snakemake.ended;
  check(`Snakemake went on after jobs of ${killed.join(', ')} were killed`, [
    ...failure(done),
    ...(killed.length === doomed.length ? [] : ['not all of them were met']),
  ]);
  check('every byte as in the local run', unlike(own.out));
  const again = await startCommand(['snakemake', ...words, '--dry-run'], { env: own.env, cwd: folder }).ended;
  check(
    'Snakemake finds nothing more to do',
    /Nothing to be done/.test(again.output) ? [] : [again.output.slice(-500)],
  );
}
