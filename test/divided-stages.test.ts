/** Stages done by shares, in several cuts, beside the same stages undivided. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { lesionTable, readManifest, writeManifest } from '@galvani/artifact';
import { stage as decode, divided as dividedDecoding } from '@galvani/decode';
import { stage as design } from '@galvani/design';
import { stage as extract, twinStage as twin } from '@galvani/extract';
import { divided as dividedGlm, stage as glm } from '@galvani/glm';
import { divided as dividedLesions, stage as lesion } from '@galvani/lesion';
import { stage as plan } from '@galvani/plan';
import { sharesOf } from '@galvani/study';
import type { DividedStage, StageArguments } from '@galvani/terminal';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { checksums } from './checksums.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';

let workspace: StageWorkspace;
beforeAll(async () => {
  workspace = stageWorkspace('galvani-divided-');
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  await run([plan, design, extract, twin, glm, decode, lesion]);
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace.remove();
});

/** Of 87 masks of a network two batches are read, the second of which is not full. */
const run = (stages: ((told: StageArguments) => Promise<void>)[], seed = 1): Promise<void> =>
  workspace.run(
    'study',
    `model: ../../data/models/small
prompts: ../../data/prompts/small.csv
seed: ${seed}
tasks: [weather, cooking]
design: { sessions: 3, promptsPerBlock: 2 }
extraction: { newTokens: 4, sites: { include: ['*.fc1', '*.fc2'] } }
glm: { relabellings: 100, runRelabellings: 100, contrasts: { over: weather - cooking }, secondLevel: true, conjunctions: { both: [weather, cooking] } }
networks: { correction: familywise, alpha: 0.5, minimumEffect: 0 }
decode: { permutations: 100 }
lesion: { sites: [linear], doses: [1], controls: 81, unmatched: 2, prompts: 4, otherPrompts: 4 }
`,
    stages,
  );
const folderOf = (stage: string) => workspace.placeOf('study', stage);
const doing =
  (divided: DividedStage, of: number, ...numbers: number[]) =>
  (told: StageArguments) =>
    divided.doShares(
      told,
      numbers.map((number) => ({ number, of })),
    );
const joining = (divided: DividedStage, of: number) => (told: StageArguments) => divided.joinShares(told, of);

test('there is something to be divided', async () => {
  expect((await lesionTable.read(`${folderOf('lesion')}/matrix.parquet`)).length).toBeGreaterThan(0);
  const { layers, mapSets } = (await readManifest(folderOf('glm')))!.facts as {
    layers: string[];
    mapSets: { kind: string }[];
  };
  expect(layers.length).toBeGreaterThan(1);
  const kinds = ['task', 'contrast', 'run', 'second-level', 'conjunction'];
  expect([...new Set(mapSets.map(({ kind }) => kind))]).toEqual(kinds);
});

describe.each([
  { name: 'glm', divided: dividedGlm, share: 'layers', file: 'maxima.arrays' },
  { name: 'decode', divided: dividedDecoding, share: 'folds', file: 'fold-2.arrays' },
  { name: 'lesion', divided: dividedLesions, share: 'masks', file: 'losses.arrays' },
])('$name by $share', ({ name, divided, share, file }) => {
  test('makes the bytes of the undivided stage, however it is cut, and leaves no share', async () => {
    const whole = checksums(folderOf(name));
    expect(Object.keys(whole).length).toBeGreaterThan(2);
    for (const of of [2, 7]) {
      await run([doing(divided, of, ...sharesOf(of).map(({ number }) => number))]);
      await run([joining(divided, of)]);
      expect(checksums(folderOf(name))).toEqual(whole);
      expect(existsSync(`${folderOf(name)}/.shares`)).toBe(false);
    }
  });

  test('has shares of the same bytes whoever does them, alone or with others, and whatever was there', async () => {
    const place = `${folderOf(name)}/.shares`;
    await run([doing(divided, 3, 3)]);
    const [alone] = [checksums(place)];
    writeFileSync(`${place}/${share}-3-of-3/left-over`, '');
    await run([doing(divided, 3, 1, 2, 3)]);
    expect(readdirSync(place).sort()).toEqual([1, 2, 3].map((number) => `${share}-${number}-of-3`));
    expect(checksums(`${place}/${share}-3-of-3`)).toEqual(
      Object.fromEntries(Object.entries(alone).map(([path, sum]) => [path.slice(`${share}-3-of-3/`.length), sum])),
    );
  });

  test('is not joined of shares that are missing, damaged, of another code or another plan', async () => {
    const path = `${folderOf(name)}/.shares/${share}-2-of-3`;
    await run([doing(divided, 3, 1, 2, 3)]);
    await expect(run([joining(divided, 4)])).rejects.toThrow(
      new RegExp(`^${name}/\\.shares/${share}-1-of-4 is missing\\. Do it again, or run galvani ${name}`),
    );
    const bytes = readFileSync(`${path}/${file}`);
    writeFileSync(
      `${path}/${file}`,
      bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
    );
    await expect(run([joining(divided, 3)])).rejects.toThrow(
      `${name}/.shares/${share}-2-of-3/${file} differs from its checksum`,
    );
    writeFileSync(`${path}/${file}`, bytes);
    const manifest = (await readManifest(path))!;
    await writeManifest(path, { ...manifest, facts: { ...manifest.facts, code: '0'.repeat(64) } });
    await expect(run([joining(divided, 3)])).rejects.toThrow(`${share}-2-of-3 was made by another galvani`);
    await writeManifest(path, manifest);
    await run([plan], 2);
    await expect(run([joining(divided, 3)], 2)).rejects.toThrow(/was made for another plan \(.*seed: was 1, is 2/);
    await run([plan]);
    await run([joining(divided, 3)]);
  });
});
