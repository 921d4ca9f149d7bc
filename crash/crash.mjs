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
import { parseArgs } from 'node:util';
import { checkedStudy } from './checked-study.mjs';
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
const { folder, study, counts, check, place, finish } = checkedStudy('crash');

const undisturbed = place('undisturbed');
const began = performance.now();
const first = await undisturbed.start('run').ended;
const duration = performance.now() - began;
const reference = sums(undisturbed.out);
check(`undisturbed, ${reference.size} files in ${(duration / 1000).toFixed(1)} s`, failure(first));

const moment = moments(seed);
for (let round = 1; round <= rounds && counts.failed === 0; round++) {
  const disturbed = place(`round-${round}`);
  const told = [];
  for (let k = 0; k < kills; k++) {
    const command = disturbed.start('run');
    const after = moment() * duration;
    const timer = setTimeout(command.kill, after);
    const { code } = await command.ended;
    clearTimeout(timer);
    told.push(`${(after / 1000).toFixed(2)} s${code === null ? '' : ' (it had ended)'}`);
  }
  const last = await disturbed.start('run').ended;
  const whole = await disturbed.start('verify').ended;
  check(`round ${round}: killed after ${told.join(', ')}, then resumed`, [
    ...failure(last),
    ...differences(reference, disturbed.out),
    ...failure(whole),
  ]);
}

const shared = place('shared');
const both = await Promise.all([shared.start('run').ended, shared.start('run').ended]);
check('two commands at once on one study', [...both.flatMap(failure), ...differences(reference, shared.out)]);

const about = { folder, study, duration, moment, check };
if (underNx > 0 && counts.failed === 0) await nxRounds(underNx, kills, about);
if (builds > 0 && counts.failed === 0) await replacedBuilds(builds, about);

process.exitCode = finish(values.keep);
