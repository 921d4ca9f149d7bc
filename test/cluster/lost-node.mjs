import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from './slurm-cluster.mjs';

/** Stages of which a task of an array does one unit. */
const divided = ['glm', 'decode', 'lesion'];

/** A study on two nodes; one is killed with all that runs there while shares of stages are done on both. */
export async function lostNode({ folder, place, check, unlike, failure }) {
  mkdirSync(join(folder, 'slurm'));
  const cluster = await startCluster(join(folder, 'slurm'), ['first', 'second']);
  try {
    const own = place('on-slurm', cluster.env);
    // One unit a task, so that there is a middle to be hit.
    const profile = join(folder, 'cluster.yaml');
    writeFileSync(profile, `stages: { ${divided.map((stage) => `${stage}: { unitsPerTask: 1 }`).join(', ')} }\n`);
    const submitted = await own.start('submit', '--executor', 'slurm', '--profile', profile).ended;
    check('submitted to Slurm', failure(submitted));
    const again = await own.start('submit', '--executor', 'slurm', '--profile', profile, '--dry-run').ended;
    check('what is in the queue is not submitted again', [
      ...failure(again),
      ...(/there is nothing to submit/.test(again.output) ? [] : [again.output]),
    ]);

    const queue = (format, ...words) =>
      cluster
        .slurm('squeue', '--noheader', '--array', `--format=${format}`, ...words)
        .trim()
        .split('\n')
        .filter(Boolean);
    let hit = [];
    while (hit.length === 0) {
      if (queue('%A').length === 0) throw new Error('the study ended before a node could be killed');
      await sleep(100);
      hit = queue('%j %F_%K', '--states=running', '--nodelist=second').filter((line) => /_shares /.test(line));
    }
    await cluster.killNode('second');
    check(`a node killed under ${hit.join(', ')}`, []);

    // Slurm would let a job that lost its node wait for two minutes.
    const release = () => {
      for (const line of queue('%F_%K %r', '--states=pending'))
        if (line.endsWith(' BeginTime'))
          cluster.slurm('scontrol', 'update', `JobId=${line.split(' ')[0]}`, 'StartTime=now');
    };
    while (queue('%A').length > 0) {
      release();
      await sleep(500);
    }
    const restarted = /Requeue|requeue/.test(readFileSync(join(folder, 'slurm/slurmctld.log'), 'utf8'));
    check('its tasks were put back into the queue', restarted ? [] : ['slurmctld.log says nothing of it']);
    const logs = join(own.out, 'cluster/log');
    const said = () =>
      readdirSync(logs).flatMap((name) =>
        readFileSync(join(logs, name), 'utf8')
          .split('\n')
          .filter((line) => line.startsWith('galvani: '))
          .map((line) => `${name}: ${line}`),
      );
    const lost = unlike(own.out);
    check('every byte as in the local run', [...lost, ...(lost.length > 0 ? said() : [])]);
    const status = await own.start('status').ended;
    check('status says that all is done', /24 of 24 tasks are done/.test(status.output) ? [] : [status.output]);
    check('every file as its manifest says', failure(await own.start('verify').ended));
  } finally {
    await cluster.stop();
  }
}
