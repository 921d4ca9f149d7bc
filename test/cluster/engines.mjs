#!/usr/bin/env node
// A small study on a cluster of two nodes of which one is killed in mid-array, and under Snakemake with three of its jobs killed.
// Each ends with the bytes of a local run. Needs Linux, what `npm run build` builds and, of Debian, slurm-wlm, munge and
// snakemake; what is not there is skipped with a word. Options:
//
//   --keep         keep the temporary folder
//
// The last line is "N passed, N failed"; the exit code is 1 where anything failed. It ends by itself after ten minutes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startCommand } from '../../crash/command.mjs';
import { differences, failure, sums } from '../../crash/comparison.mjs';
import { killedJobs } from './killed-jobs.mjs';
import { lostNode } from './lost-node.mjs';
import { killAll, processesWith } from './processes.mjs';
import { missingProgram } from './slurm-cluster.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const galvani = fileURLToPath(new URL('../../apps/cli/bin/galvani.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'galvani-cluster-'));
const study = join(folder, 'default/study.yaml');
mkdirSync(join(folder, 'default'));
writeFileSync(
  study,
  `tasks: [paleontology, pathology]
design: { sessions: 2, promptsPerBlock: 2 }
extraction: { newTokens: 3, sites: { include: ['*layers.0.fc*'] } }
glm: { relabellings: 100, runRelabellings: 100 }
networks: { correction: none, minimumEffect: 0 }
decode: { permutations: 100 }
`,
);

let passed = 0;
let failed = 0;
function check(name, problems) {
  if (problems.length === 0) passed++;
  else failed++;
  console.log(`${problems.length === 0 ? 'ok' : 'FAILED'}: ${name}`);
  for (const problem of problems.slice(0, 10)) console.log(`    ${problem}`);
}

/** A place of its own for a study's derivatives and its store, and what runs galvani there. */
function place(name, environment = process.env) {
  const [out, store] = [join(folder, name, 'derivatives'), join(folder, name, 'store')];
  mkdirSync(out, { recursive: true });
  const env = { ...environment, GALVANI_STORE: store };
  return {
    out,
    env,
    galvani: (command, ...words) =>
      startCommand([process.execPath, galvani, ...command.split(' '), study, '--out', out, ...words], { env }).ended,
  };
}

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
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
  console.log(`${values.keep ? `${folder}\n` : ''}${passed} passed, ${failed} failed`);
  process.exit(code);
};
setTimeout(() => {
  check('within ten minutes', ['it takes longer']);
  end(1);
}, 600_000).unref();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(130));

try {
  const local = place('local');
  const first = await local.galvani('run');
  const reference = sums(local.out);
  check(`a local run, ${reference.size} files`, failure(first));
  const about = { folder, place, check, unlike: (out) => unlike(reference, out), failure };

  const linux = process.platform === 'linux';
  const lacking = linux ? missingProgram() : 'Linux';
  if (lacking) console.log(`skipped: Slurm, which needs ${lacking}`);
  const snakemake = linux && has('snakemake');
  if (!snakemake) console.log(`skipped: Snakemake, ${linux ? 'which is not there' : 'which needs Linux here'}`);
  // Side by side: each spends much of its time waiting for one process.
  if (failed === 0) await Promise.all([lacking || lostNode(about), snakemake && killedJobs(about)]);
} catch (error) {
  check('the test itself', [error.stack]);
}
await end(failed === 0 ? 0 : 1);
