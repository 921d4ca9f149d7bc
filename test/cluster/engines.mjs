#!/usr/bin/env node
// A small study on a cluster of two nodes of which one is killed in mid-array, under shares of stages, and under Snakemake with three of its
// jobs killed.
// Each ends with the bytes of a local run. Needs Linux, what `npm run build` builds and, of Debian, slurm-wlm, munge and
// snakemake; what is not there is skipped with a word. Options:
//
//   --keep         keep the temporary folder
//
// The last line is "N passed, N failed"; the exit code is 1 where anything failed. It ends by itself after ten minutes.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkedStudy } from '../../crash/checked-study.mjs';
import { differences, failure, sums } from '../../crash/comparison.mjs';
import { killedJobs } from './killed-jobs.mjs';
import { lostNode } from './lost-node.mjs';
import { killAll, processesWith } from './processes.mjs';
import { missingProgram } from './slurm-cluster.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const { folder, counts, check, place, finish } = checkedStudy('cluster');

/** What is not as in the local run, or left over; beside the folder of batch files. */
const unlike = (reference, out) => differences(reference, out).filter((line) => !line.startsWith('cluster/'));

/** Whether Debian's program is there. */
function has(program) {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// However it ends, no daemon stays.
const end = async (code) => {
  await killAll(() => processesWith(join(folder, 'slurm/slurm.conf')));
  process.exit(Math.max(code, finish(values.keep)));
};
setTimeout(() => {
  check('within ten minutes', ['it takes longer']);
  end(1);
}, 600_000).unref();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(130));

try {
  const local = place('local');
  const first = await local.start('run').ended;
  const reference = sums(local.out);
  check(`a local run, ${reference.size} files`, failure(first));
  const about = { folder, place, check, unlike: (out) => unlike(reference, out), failure };

  const linux = process.platform === 'linux';
  const lacking = linux ? missingProgram() : 'Linux';
  if (lacking) console.log(`skipped: Slurm, which needs ${lacking}`);
  const snakemake = linux && has('snakemake');
  if (!snakemake) console.log(`skipped: Snakemake, ${linux ? 'which is not there' : 'which needs Linux here'}`);
  // Side by side: each spends much of its time waiting for one process.
  if (counts.failed === 0) await Promise.all([lacking || lostNode(about), snakemake && killedJobs(about)]);
} catch (error) {
  check('the test itself', [error.stack]);
}
await end(0);
