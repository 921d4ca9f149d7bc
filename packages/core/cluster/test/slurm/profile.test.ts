import { UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { parseProfile } from '../../src/index.js';
import { settingsOf } from '../../src/slurm/profile.js';

const profile = `partition: batch
account: neuro
cores: 8
memory: 16 GB
time: 1-02:30:00
setup: module load node/22
environment: { GALVANI_STORE: /scratch/store, OMP_NUM_THREADS: 8 }
options: ['--exclude=node7']
stages:
  extract: { partition: large, memory: 64000, unitsPerTask: 3, options: [--exclusive] }
  report: { time: 20 }
`;

test('what is said of one stage goes before what is said of all, and further options are added', () => {
  const read = parseProfile(profile, 'cluster.yaml');
  expect(settingsOf(read, 'extract')).toMatchObject({
    partition: 'large',
    account: 'neuro',
    cores: 8,
    memory: 64_000,
    time: 95_400,
    unitsPerTask: 3,
    setup: ['module load node/22'],
    options: ['--exclude=node7', '--exclusive'],
  });
  expect(settingsOf(read, 'glm')).toMatchObject({ partition: 'batch', memory: 16_000 });
  expect(settingsOf(read, 'report').time).toBe(1200);
  expect(read.environment).toEqual([
    ['GALVANI_STORE', '/scratch/store'],
    ['OMP_NUM_THREADS', '8'],
  ]);
});

test('an empty profile has defaults', () => {
  expect(settingsOf(parseProfile('', 'cluster.yaml'), 'glm')).toMatchObject({
    requeue: true,
    maxArraySize: 1001,
  });
});

test.each([
  ['partitoin: batch', /cluster\.yaml:1: there is no field 'partitoin'\. Did you mean 'partition'\?/],
  ['partition: two words', /cluster\.yaml:1: partition is "two words": must be one word/],
  ['partition: "a\\n#SBATCH --uid=0"', /partition is .*must be one word/],
  ['memory: 8 GiB', /memory is "8 GiB": must be .*such as 800 MB or 8 GB/],
  ['memory: 0 GB', /memory is "0 GB": must be above 0/],
  ['memory: 1e30', /memory is 1e\+30: must be above 0, and 1000 TB at most/],
  ['time: 00:00:00', /time is "00:00:00": must be above 0/],
  ['time: 99999999999', /time is 99999999999: must be .*1000 days at most/],
  ['time: 2h', /time is "2h": must be .*hours:minutes:seconds, such as 02:00:00/],
  ['cores: 0', /cores is 0: must be at least 1/],
  ['maxArraySize: 1', /maxArraySize is 1: must be at least 2/],
  ['stages:\n  extrct: { cores: 2 }', /cluster\.yaml:2: there is no field 'stages\.extrct'\. Did you mean 'extract'\?/],
  ['stages: { power: { cores: 2 } }', /there is no field 'stages\.power'/],
  ['stages: { extract: { setup: x } }', /there is no field 'stages\.extract\.setup'/],
  ['environment: { "A B": x }', /must be the name of a variable/],
  ['options: [exclusive]', /options\.0 is "exclusive": must be an option of sbatch, such as --exclusive/],
  ['container: "a\\nb"', /container is .*must be one line/],
])('%s is a mistake, told with its line', (text, sentence) => {
  expect(() => parseProfile(text, 'cluster.yaml')).toThrow(UserMistake);
  expect(() => parseProfile(text, 'cluster.yaml')).toThrow(sentence);
});
