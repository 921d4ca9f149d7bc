import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenTable } from '@galvani/artifact';
import { openResults, type Recording, resultsOf } from '@galvani/results';
import { tokensPath } from '@galvani/study';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';
import { filesOnDisk } from '../src/study-files.js';

let study: SyntheticStudy;
let root: string;
const recordings = {} as Record<'whole' | 'keep' | 'drop', Recording>;
/** Rows of the first three prompts, of 4 tokens: the second ends with its first token, the third with its second last. */
const ends = [0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1];
beforeAll(async () => {
  study = await syntheticStudy({ tasks: ['fossils'], sessions: 1 });
  const { runs, manifests, recording } = await openResults(study.folder, 'glm');
  recordings.whole = await recording(runs[0]);
  root = await mkdtemp(join(tmpdir(), 'galvani-ends-'));
  await cp(study.folder.root, root, { recursive: true });
  const rows = recordings.whole.tokens.map((token, r) => ({ ...token, after_end: ends[r] === 1 }));
  await tokenTable.write(tokensPath({ ...study.folder, extract: join(root, 'extract') }, runs[0].name), rows);
  for (const choice of ['keep', 'drop'] as const)
    recordings[choice] = await resultsOf(filesOnDisk(root), manifests, runs, { afterEnd: choice }).recording(runs[0]);
});
afterAll(async () => {
  for (const folder of [study.folder.root, root]) await rm(folder, { recursive: true, force: true });
});

/** All rows of a layer, as lists of the first site's units. */
async function rowsOf({ openLayer }: Recording): Promise<number[][]> {
  const file = await openLayer('block-00');
  const [{ width }] = file.columns;
  const rows: number[][] = [];
  for await (const { firstRow, rows: count, values } of file.batches()) {
    expect(firstRow).toBe(rows.length);
    for (let r = 0; r < count; r++) rows.push([...values[0].subarray(r * width, (r + 1) * width)]);
  }
  await file.close();
  return rows;
}

test('rows after the end of a text are left out of tokens and activations alike, and the others are as they were', async () => {
  const { whole, drop } = recordings;
  expect([whole.afterEnd, drop.afterEnd]).toEqual([0, 4]);
  const kept = <T>(rows: readonly T[]) => rows.filter((_, r) => ends[r] !== 1);
  expect(drop.tokens.map(({ token_id }) => token_id)).toEqual(kept(whole.tokens).map(({ token_id }) => token_id));
  expect([...drop.promptOfRow]).toEqual(kept([...whole.promptOfRow]));
  expect([...drop.promptOfRow.slice(0, 8)]).toEqual([0, 0, 0, 0, 1, 2, 2, 2]);
  expect(await rowsOf(drop)).toEqual(kept(await rowsOf(whole)));
});

test('means are over the rows that are left', async () => {
  const { means } = await recordings.drop.promptMeans('block-00');
  const rows = await rowsOf(recordings.whole);
  expect(means[50]).toBe(rows[4][0]);
  expect(means[100]).toBeCloseTo((rows[8][0] + rows[9][0] + rows[10][0]) / 3, 12);
});

test('kept, they count like others', async () => {
  const { whole, keep } = recordings;
  expect(keep.afterEnd).toBe(4);
  expect(keep.promptOfRow).toEqual(whole.promptOfRow);
  expect((await keep.promptMeans('final')).means).toEqual((await whole.promptMeans('final')).means);
});
