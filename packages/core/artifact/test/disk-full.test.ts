import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const index = fileURLToPath(new URL('../dist/index.js', import.meta.url));

/** Every kind of file that galvani writes, each larger than the limit. */
const program = `
import * as artifact from ${JSON.stringify(index)};
const [folder] = process.argv.slice(1);
const values = Float64Array.from({ length: 4000 }, (_, i) => i);
const activations = async (path) => {
  const writer = await artifact.createActivationFile(path, [{ site: 'a', kind: 'linear', width: 4000 }], 'float32');
  try {
    await writer.append(4, [new Float32Array(16000)]);
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
};
const writers = {
  'table.parquet': (path) => artifact.writeTable(path, { v: 'float64' }, Array.from(values, (v) => ({ v }))),
  'map.arrow': (path) =>
    artifact.writeMap(path, {
      sites: [{ site: 'a', kind: 'linear', width: 4000 }],
      flags: new Uint8Array(4000),
      contrasts: new Map([['c', { t: values }]]),
      facts: {},
    }),
  'activations.arrow': activations,
  'text.json': (path) => artifact.writeFileWhole(path, artifact.canonicalJson(Array.from(values))),
};
for (const [name, write] of Object.entries(writers))
  try {
    await write(folder + '/' + name);
    console.log(name + ' was written');
  } catch (error) {
    console.log(error.name + ': ' + error.message);
  }
`;

test.skipIf(process.platform === 'win32')(
  'where the system takes no more bytes every writer says so and leaves nothing',
  () => {
    if (!existsSync(index)) throw new Error(`${index} is missing: this test runs what \`npx tsc -b\` builds.`);
    const folder = mkdtempSync(join(tmpdir(), 'galvani-disk-full-'));
    // The limit on a file's size stands for a full disk, which a test cannot have: it, too, comes in the middle of a write.
    const script = 'ulimit -f 8; exec "$0" --input-type=module -e "$1" "$2"';
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, program, folder], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual(
      ['table.parquet', 'map.arrow', 'activations.arrow', 'text.json'].map((name) =>
        expect.stringMatching(
          new RegExp(
            `^Failure: .*/${name} could not be written: it would be larger than .*Nothing half-written was kept\\.`,
          ),
        ),
      ),
    );
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  },
);

test.skipIf(process.platform === 'win32')('a claim that cannot be written is told with where it would lie', () => {
  const folder = mkdtempSync(join(tmpdir(), 'galvani-disk-full-'));
  const claiming = `
import { withClaims } from ${JSON.stringify(index)};
const [root] = process.argv.slice(1);
await withClaims({ root }, { read: ['plan'] }, undefined, async () => undefined).catch(({ code, path }) => console.log(code, path));
`;
  const script = 'ulimit -f 0; exec "$0" --input-type=module -e "$1" "$2"';
  const { stdout } = spawnSync('bash', ['-c', script, process.execPath, claiming, folder], { encoding: 'utf8' });
  expect(stdout).toBe(`EFBIG ${join(folder, '.claims/plan.write')}\n`);
  rmSync(folder, { recursive: true });
});
