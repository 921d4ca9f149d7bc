import { rm } from 'node:fs/promises';
import { readManifest, readMap } from '@galvani/artifact';
import { stage as glmStage } from '@galvani/glm';
import { tLogTwoSided } from '@galvani/numerics';
import { openResults } from '@galvani/results';
import { mapPath } from '@galvani/study';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../test/closeness.js';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

const signal = new AbortController().signal;
const [sessions, pairsOfRun] = [3, 3];
let study: SyntheticStudy;
/** For each pair of the task's runs the difference of every unit: task prompt minus its partner. */
const differences: number[][] = [];
beforeAll(async () => {
  study = await syntheticStudy({
    tasks: ['fossils'],
    sessions,
    effect: 1.5,
    input: {
      design: { sessions, cycles: pairsOfRun, promptsPerBlock: 1, pairs: true },
      glm: { relabellings: 600, runRelabellings: 100 },
    },
  });
  await glmStage({ study: study.folder.root, root: study.folder.root, signal });
  const { runs, recording } = await openResults(study.folder, 'glm');
  for (const run of runs) {
    const { promptMeans } = await recording(run);
    const layers = [await promptMeans('block-00'), await promptMeans('final')];
    for (let pair = 0; pair < pairsOfRun; pair++)
      differences.push(
        layers.flatMap(({ means, units }) =>
          Array.from({ length: units }, (_, u) => means[(2 * pair + 1) * units + u] - means[2 * pair * units + u]),
        ),
      );
  }
});
afterAll(() => rm(study.folder.root, { recursive: true, force: true }));

async function whole(statistic: string): Promise<Float64Array> {
  const maps = await Promise.all(
    ['block-00', 'final'].map((layer) => readMap(mapPath(study.folder, 'task-fossils', layer))),
  );
  return Float64Array.from(maps.flatMap((map) => [...map.contrasts.get('fossils')![statistic]]));
}

/** Student's t of one sample, of each unit. */
function oneSampleT(rows: readonly number[][]): number[] {
  const n = rows.length;
  return rows[0].map((_, u) => {
    const mean = rows.reduce((sum, row) => sum + row[u], 0) / n;
    const variance = rows.reduce((sum, row) => sum + (row[u] - mean) ** 2, 0) / (n - 1);
    return mean / Math.sqrt(variance / n);
  });
}

test('in pairs t is that of one sample of differences', async () => {
  expectWithinAbsolute(await whole('t'), oneSampleT(differences), 1e-6);
  const pairs = sessions * pairsOfRun;
  const p = Float64Array.from(oneSampleT(differences), (t) => tLogTwoSided(t, pairs - 1) / Math.LN10);
  expectWithinAbsolute(await whole('log10_p'), p, 1e-6);
  const { mapSets } = (await readManifest(study.folder.glm))!.facts;
  expect((mapSets as unknown[])[0]).toMatchObject({
    exhaustive: true,
    relabellings: 2 ** pairs,
    smallestP: 2 / 2 ** pairs,
  });
});

test('family-wise p is the share of sign flips of pairs whose largest |t| reaches the unit’s', async () => {
  const n = differences.length;
  const largest = (rows: readonly number[][]) => Math.max(...oneSampleT(rows).map(Math.abs));
  const maxima = Array.from({ length: 2 ** n }, (_, flips) =>
    largest(differences.map((row, i) => row.map((own) => ((flips >> i) & 1 ? -own : own)))),
  );
  const expected = oneSampleT(differences).map(
    (t) => maxima.filter((own) => own >= Math.abs(t) - 1e-9).length / 2 ** n,
  );
  expectWithinAbsolute(
    (await whole('log10_p_familywise')).map((log) => 10 ** log),
    expected,
    1e-9,
  );
});
