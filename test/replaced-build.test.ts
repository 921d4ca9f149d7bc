import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checksums } from './checksums.js';
import { readPackages } from './packages.js';
import { writeSmallStudy } from './small-study.js';
import { type TemporaryWorkspace, temporaryWorkspace } from './temporary-workspace.js';

let workspace: TemporaryWorkspace;
beforeAll(() => {
  workspace = temporaryWorkspace();
  writeSmallStudy(workspace);
});
afterAll(() => workspace?.remove());

/** `galvani run` on the small study, into a folder and a store of its own. `onText` is given all that was printed so far. */
async function galvaniRun(name: string, onText: (text: string) => void) {
  const command = [join(workspace.root, 'apps/cli/bin/galvani.mjs'), 'run', 'pipelines/default', '--out', name];
  const child = spawn(process.execPath, command, {
    cwd: workspace.root,
    env: { ...process.env, GALVANI_STORE: join(workspace.root, `${name}-store`) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text;
      onText(output);
    });
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, output };
}

/** Every built file of the workspace. Its node_modules are links to the real ones, which nothing here may touch. */
function builtFiles(): string[] {
  return readPackages()
    .map(({ folder }) => join(workspace.root, folder, 'dist'))
    .filter(existsSync)
    .flatMap((dist) =>
      readdirSync(dist, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.js'))
        .map((path) => join(dist, path)),
    );
}

test('a command that has begun needs none of its own files any more, whatever a build does to them', async () => {
  const undisturbed = await galvaniRun('undisturbed', () => undefined);
  expect(undisturbed.exitCode, undisturbed.output).toBe(0);

  const built = builtFiles();
  expect(built.length).toBeGreaterThan(100);
  const moments = [
    {
      said: /^design: /m,
      disturb: (path: string) => writeFileSync(path, `throw new Error('${path} is of another build')`),
    },
    { said: /^ses-01_task-weather: /m, disturb: (path: string) => rmSync(path) },
  ];
  const disturbed = await galvaniRun('disturbed', (text) => {
    while (moments[0]?.said.test(text)) built.forEach(moments.shift()!.disturb);
  });
  expect(disturbed.exitCode, disturbed.output).toBe(0);
  expect(moments).toEqual([]);
  expect(disturbed.output).toBe(undisturbed.output.replaceAll('undisturbed/', 'disturbed/'));
  expect(checksums(join(workspace.root, 'disturbed'))).toEqual(checksums(join(workspace.root, 'undisturbed')));
});
