#!/usr/bin/env node
// Kills a small study with SIGKILL at random moments, resumes it, and compares every byte with an undisturbed run; then two
// commands at once. Needs what `npm run build` builds. Options:
//
//   --rounds N   studies that are killed and resumed (default 3)
//   --kills N    kills of each before it is left to finish (default 2)
//   --seed N     of the moments (default 1)
//   --keep       keep the temporary folder
//
// The last line is "N passed, N failed"; the exit code is 1 where anything failed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    kills: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
const [rounds, kills, seed] = [values.rounds, values.kills, values.seed].map(Number);
const galvani = fileURLToPath(new URL('../apps/cli/bin/galvani.mjs', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'galvani-crash-'));
const study = join(folder, 'study.yaml');
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

/** Starts a command on the study. Resolves to its exit code (null where it was killed) and what it printed. */
function start(command, { out, store }) {
  const child = spawn(process.execPath, [galvani, command, study, '--out', out], {
    env: { ...process.env, GALVANI_STORE: store },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
  return { ended, kill: () => child.kill('SIGKILL') };
}

/** SHA-256 of every file below a folder, those included that commands at work put there and take away. */
function sums(root) {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).sort();
  const digest = (path) =>
    createHash('sha256')
      .update(readFileSync(join(root, path)))
      .digest('hex');
  return new Map(paths.map((path) => [path, digest(path)]));
}

/** What of a finished study is not as in the undisturbed run, or left over. */
function differences(out) {
  const found = sums(out);
  return [...new Set([...reference.keys(), ...found.keys()])]
    .filter((path) => found.get(path) !== reference.get(path))
    .map((path) => `${path} ${!found.has(path) ? 'is missing' : reference.has(path) ? 'differs' : 'is left over'}`);
}

const failure = ({ code, output }) => (code === 0 ? [] : [`exit code ${code}: ${output.trim().split('\n').at(-1)}`]);

/** Numbers in [0, 1) by a seed (mulberry32). */
function moments(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
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
    ...differences(disturbed.out),
    ...failure(whole),
  ]);
}

const shared = place('shared');
const both = await Promise.all([start('run', shared).ended, start('run', shared).ended]);
check('two commands at once on one study', [...both.flatMap(failure), ...differences(shared.out)]);

if (values.keep) console.log(folder);
else rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
