import { rm } from 'node:fs/promises';
import { readManifest, readMap } from '@galvani/artifact';
import { stage as glmStage } from '@galvani/glm';
import { mapPath } from '@galvani/study';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

const signal = new AbortController().signal;
let study: SyntheticStudy;
beforeAll(async () => {
  study = await syntheticStudy({
    tasks: ['fossils', 'cells'],
    input: {
      glm: {
        relabellings: 400,
        runRelabellings: 100,
        contrasts: { difference: 'fossils - cells', any: 'F: fossils, cells', one: 'F: fossils' },
      },
    },
  });
  await glmStage({ study: study.folder.root, signal });
});
afterAll(() => rm(study.folder.root, { recursive: true, force: true }));

/** A statistic of a map over all layers. */
async function whole(mapSet: string, contrast: string, statistic: string): Promise<number[]> {
  const maps = await Promise.all(['block-00', 'final'].map((layer) => readMap(mapPath(study.folder, mapSet, layer))));
  return maps.flatMap((map) => [...map.contrasts.get(contrast)![statistic]]);
}

test('planted units are found with their sign, and hardly any others', async () => {
  for (const [task, planted] of Object.entries(study.planted)) {
    const p = await whole(`task-${task}`, task, 'log10_p_familywise');
    const effect = await whole(`task-${task}`, task, 'effect');
    const found = [...p.keys()].filter((u) => p[u] <= Math.log10(0.05));
    for (const [unit, sign] of planted) {
      expect(found).toContain(unit);
      expect(Math.sign(effect[unit])).toBe(sign);
      expect(Math.abs(effect[unit])).toBeGreaterThan(2);
    }
    expect(found.length).toBeLessThanOrEqual(planted.size + 2);
  }
});

test('a contrast between tasks finds both sets with opposite signs', async () => {
  const t = await whole('contrast-difference', 'difference', 't');
  for (const [unit, sign] of study.planted.fossils)
    if (!study.planted.cells.has(unit)) expect(t[unit] * sign).toBeGreaterThan(4);
  for (const [unit, sign] of study.planted.cells)
    if (!study.planted.fossils.has(unit)) expect(t[unit] * sign).toBeLessThan(-4);
});

test('an F contrast has F and partial eta squared instead of effects', async () => {
  const { contrasts } = await readMap(mapPath(study.folder, 'contrast-any', 'final'));
  expect(Object.keys(contrasts.get('any')!)).toEqual(
    expect.arrayContaining(['F', 'partial_eta_squared', 'log10_p_familywise', 'log10_q_fdr']),
  );
});

test('the threshold is in the statistic that the manifest calls relabelled', async () => {
  const { facts } = (await readManifest(study.folder.glm))!;
  const { mapSets } = facts as { mapSets: { name: string; relabelled: string; threshold: { familywise: number } }[] };
  // F of one effect is relabelled as its t, which is in a column of its own.
  for (const [name, contrast, column] of [
    ['task-fossils', 'fossils', 't'],
    ['contrast-any', 'any', 'F'],
    ['contrast-one', 'one', 'relabelled'],
  ]) {
    const { relabelled, threshold } = mapSets.find((set) => set.name === name)!;
    expect(relabelled).toBe(column === 'relabelled' ? 't' : column);
    const own = await whole(name, contrast, column);
    const p = await whole(name, contrast, 'log10_p_familywise');
    const passing = [...own.keys()].filter((u) => Math.abs(own[u]) >= threshold.familywise);
    expect(passing.length).toBeGreaterThan(0);
    expect(passing).toEqual([...p.keys()].filter((u) => p[u] <= Math.log10(0.05) + 1e-12));
  }
});

test('corrected p-values are in order: plain <= FDR <= Bonferroni', async () => {
  const [plain, fdr, strict] = await Promise.all(
    ['log10_p', 'log10_q_fdr', 'log10_p_bonferroni'].map((name) => whole('task-cells', 'cells', name)),
  );
  for (const [u, p] of plain.entries()) {
    expect(p).toBeLessThanOrEqual(fdr[u] + 1e-12);
    expect(fdr[u]).toBeLessThanOrEqual(strict[u] + 1e-12);
  }
});

test('a run has a map of few columns, from which the others follow; p and variances are float64', async () => {
  const kindsOf = async (name: string, contrast: string) => {
    const { contrasts } = await readMap(mapPath(study.folder, name, 'block-00'));
    return Object.entries(contrasts.get(contrast)!).map(
      ([column, values]) => `${column} ${8 * values.BYTES_PER_ELEMENT}`,
    );
  };
  expect(await kindsOf('ses-01_task-cells', 'cells')).toEqual([
    ...['effect 32', 't 32', 'z 32', 'd 32', 'log10_p_familywise 64'],
  ]);
  expect((await kindsOf('task-cells', 'cells')).sort()).toEqual(
    [
      ...['effect 32', 'variance 64', 't 32', 'z 32', 'log10_p 64', 'd 32', 'd_lower 32', 'd_upper 32'],
      ...['log10_p_familywise', 'log10_p_bonferroni', 'log10_q_fdr'].map((name) => `${name} 64`),
      ...['log10_p_familywise_study', 'log10_p_bonferroni_study', 'log10_q_fdr_study'].map((name) => `${name} 64`),
    ].sort(),
  );
});

test('the manifest tells what was fitted, and a second time gives the same bytes', async () => {
  const manifest = await readManifest(study.folder.glm);
  expect(manifest?.facts.units).toBe(study.units);
  expect(manifest?.facts.layers).toEqual(['block-00', 'final']);
  expect((manifest!.facts.mapSets as { name: string; df: unknown }[]).map(({ name, df }) => [name, df])).toEqual([
    ['task-fossils', 'per unit'],
    ['task-cells', 'per unit'],
    ['contrast-difference', 'per unit'],
    ['contrast-any', 'per unit'],
    ['contrast-one', 'per unit'],
    ...[1, 2, 3].flatMap((s) => [
      [`ses-0${s}_task-fossils`, 'per unit'],
      [`ses-0${s}_task-cells`, 'per unit'],
    ]),
  ]);
  await glmStage({ study: study.folder.root, signal });
  expect(await readManifest(study.folder.glm)).toEqual(manifest);
});

test('noise models give the same effect and different variances', async () => {
  const other = await syntheticStudy({
    tasks: ['fossils', 'cells'],
    input: { glm: { noise: 'ols', relabellings: 100, runRelabellings: 100 } },
  });
  await glmStage({ study: other.folder.root, signal });
  const prompt = await readMap(mapPath(study.folder, 'task-cells', 'final'));
  const ols = await readMap(mapPath(other.folder, 'task-cells', 'final'));
  for (let u = 0; u < 30; u++) {
    expect(ols.contrasts.get('cells')!.effect[u]).toBeCloseTo(prompt.contrasts.get('cells')!.effect[u], 6);
    // Tokens of a prompt share its own level, so counting them as independent makes the error too small.
    expect(ols.contrasts.get('cells')!.variance[u]).toBeLessThan(0.6 * prompt.contrasts.get('cells')!.variance[u]);
  }
  await rm(other.folder.root, { recursive: true, force: true });
});

test('a contrast that names no task is a mistake that lists them', async () => {
  const wrong = await syntheticStudy({
    tasks: ['fossils', 'cells'],
    input: { glm: { contrasts: { x: 'fossil - cells' } } },
  });
  await expect(glmStage({ study: wrong.folder.root, signal })).rejects.toThrow(
    /unknown name 'fossil'[\s\S]*Known names: fossils, cells/,
  );
  await rm(wrong.folder.root, { recursive: true, force: true });
});
