#!/usr/bin/env node
// Kills a small study with SIGKILL at random moments, resumes it, and compares every byte with an undisturbed run; then two
// commands at once. Needs what `npm run build` builds. Options:
//
//   --rounds N     studies that are killed and resumed (default 3)
//   --kills N      kills of each before it is left to finish (default 2)
//   --nx N         studies under Nx that are killed and resumed, in a copy of the workspace (default 0)
//   --builds N     studies whose code is taken away at random moments and put back, in a copy of the workspace (default 0)
//   --seed N       of the moments (default 1)
//   --keep         keep the temporary folder
//
// The last line is "N passed, N failed"; the exit code is 1 where anything failed.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startCommand } from './command.mjs';
import { differences, failure, sums } from './comparison.mjs';
import { moments } from './moments.mjs';
import { nxRounds } from './nx-rounds.mjs';
import { replacedBuilds } from './replaced-builds.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    kills: { type: 'string', default: '2' },
    nx: { type: 'string', default: '0' },
    builds: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
const [rounds, kills, seed, underNx, builds] = ['rounds', 'kills', 'seed', 'nx', 'builds'].map((name) =>
  Number(values[name]),
);
const galvani = fileURLToPath(new URL('../apps/cli/bin/galvani.mjs', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'galvani-crash-'));
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

/** A place of its own for a study's derivatives and its store. */
function place(name) {
  const [out, store] = [join(folder, name, 'derivatives'), join(folder, name, 'store')];
  mkdirSync(out, { recursive: true });
  return { out, store };
}

/** Starts a command on the study. */
function start(command, { out, store }) {
  const env = { ...process.env, GALVANI_STORE: store };
  return startCommand([process.execPath, galvani, command, study, '--out', out], { env });
}

const undisturbed = place('undisturbed');
const began = performance.now();
const first = await start('run', undisturbed).ended;
const duration = performance.now() - began;
const reference = sums(undisturbed.out);
check(`undisturbed, ${reference.size} files in ${(duration / 1000).toFixed(1)} s`, failure(first));

const moment = moments(seed);
for (let round = 1; round <= rounds && failed === 0; round++) {
  const disturbed = place(`round-${round}`);
  const told = [];
  for (let k = 0; k < kills; k++) {
    const command = start('run', disturbed);
    const after = moment() * duration;
    const timer = setTimeout(command.kill, after);
    const { code } = await command.ended;
    clearTimeout(timer);
    told.push(`${(after / 1000).toFixed(2)} s${code === null ? '' : ' (it had ended)'}`);
  }
  const last = await start('run', disturbed).ended;
  const whole = await start('verify', disturbed).ended;
  check(`round ${round}: killed after ${told.join(', ')}, then resumed`, [
    ...failure(last),
    ...differences(reference, disturbed.out),
    ...failure(whole),
  ]);
}

const shared = place('shared');
const both = await Promise.all([start('run', shared).ended, start('run', shared).ended]);
check('two commands at once on one study', [...both.flatMap(failure), ...differences(reference, shared.out)]);

const about = { folder, study, duration, moment, check };
if (underNx > 0 && failed === 0) await nxRounds(underNx, kills, about);
if (builds > 0 && failed === 0) await replacedBuilds(builds, about);

if (values.keep) console.log(folder);
else rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
