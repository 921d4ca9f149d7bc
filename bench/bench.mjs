// Runs galvani's benchmarks: each prints ratios against limits that are measured beside them in the same process.
//
//   npm run bench                         lists and runs those that need nothing but what is here
//   npm run bench -- statistics           those of one name; further arguments go to each of them
//   npm run bench -- statistics --small   the same, quickly
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** `small`: arguments that stand for --small; `needs`: what a person has to give, so that it does not run unasked; `long`: only its small form does. */
const benches = [
  {
    name: 'statistics',
    what: 'noise models over activation files, against reading and summing them',
    script: 'packages/stages/glm/bench/activation-files.mjs',
    small: ['--small'],
  },
  {
    name: 'statistics',
    what: 'relabellings, against onnxruntime’s matrix product',
    script: 'packages/core/statistics/bench/permutations.mjs',
    small: ['--units', '30000'],
  },
  {
    name: 'identification',
    what: 'permutations of identification, against adding up the runs’ sums',
    script: 'packages/stages/decode/bench/identification.mjs',
    small: ['--units', '20000'],
  },
  {
    name: 'shuffled',
    what: 'verdicts on studies whose topics are shuffled, against the 5% of each test',
    script: 'packages/stages/report/bench/shuffled-studies.mjs',
    small: ['--studies', '20'],
  },
  {
    name: 'noise-models',
    what: 'noise models over raw chunks, without any file format',
    script: 'packages/core/statistics/bench/noise-models.mjs',
    small: ['--units', '24576'],
  },
  {
    name: 'extraction',
    what: 'recording every site, against the same graph without sites',
    script: 'packages/stages/extract/bench/capture.mjs',
    small: ['--tokens', '8', '--batches', '8', '--rounds', '1'],
  },
  {
    name: 'runs',
    what: 'a study’s runs in shared batches, against each alone and against a single site',
    script: 'packages/stages/extract/bench/study-runs.mjs',
    small: ['--runs', '3', '--rounds', '1'],
  },
  {
    name: 'lesions',
    what: 'texts read and tokens generated with a mask in every row, against the same model without masks',
    script: 'packages/stages/lesion/bench/masked-rows.mjs',
    small: ['--model', 'data/models/frog', '--rounds', '1'],
  },
  {
    name: 'nx',
    what: 'a run of the default study that is all in Nx’s cache, against a bare run of as many tasks that do nothing',
    script: 'apps/cli/bench/cached-run.mjs',
    small: ['--rounds', '1'],
  },
  {
    name: 'viewer',
    what: 'galvani view of 150,000 units and 6,912 tokens in Chromium: first map, frames, clicks, bytes and memory against limits',
    script: 'apps/cli/bench/viewer.mjs',
    small: ['--units', '24000', '--clicks', '5'],
  },
  {
    name: 'study',
    what: 'whole studies on random checkpoints of growing shape, stage by stage, against the plain model’s generation',
    script: 'apps/cli/bench/study.mjs',
    small: [
      ...['--shapes', 'frog', '--tokens', '4', '--prompts', '216'],
      ...['--keep', 'prompts', '--relabellings', '200', '--without', 'lesion'],
    ],
    long: true,
  },
  {
    name: 'decoding',
    what: 'decoding steps of a checkpoint with every site, against the plain model; give its folder',
    script: 'packages/core/model/bench/steps.mjs',
    small: ['--batches', '8', '--tokens', '8', '--rounds', '1'],
    needs: true,
  },
];

const [name, ...given] = process.argv.slice(2);
const asked = name === undefined || name.startsWith('-') ? undefined : name;
const known = [...new Set(benches.map((bench) => bench.name))];
if (asked !== undefined && !known.includes(asked)) {
  console.error(`There is no benchmark ${asked}; there are: ${known.join(', ')}.`);
  process.exit(2);
}
const rest = (asked === undefined ? process.argv.slice(2) : given).filter((each) => each !== '--small');
const small = process.argv.includes('--small');
for (const bench of benches) {
  const { what, script } = bench;
  if (asked !== undefined && bench.name !== asked) continue;
  console.log(`${bench.name}: ${what}`);
  if (asked === undefined && bench.long && !small) {
    console.log(`  not run; it takes an hour: npm run bench -- ${bench.name}`);
    continue;
  }
  if (asked === undefined && bench.needs) {
    console.log(`  not run; it needs an argument: npm run bench -- ${bench.name} FOLDER`);
    continue;
  }
  if (!existsSync(`${root}${script.replace(/\/bench\/.*/, '')}/dist/index.js`)) {
    console.error('  not built: npm run build');
    process.exit(1);
  }
  const args = [`${root}${script}`, ...(small ? bench.small : []), ...rest];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', cwd: root });
  if (status !== 0) process.exitCode = status ?? 1;
}
