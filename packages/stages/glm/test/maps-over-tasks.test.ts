import { rm } from 'node:fs/promises';
import { readManifest } from '@galvani/artifact';
import { stage as glmStage } from '@galvani/glm';
import { benjaminiHochberg, bonferroni } from '@galvani/numerics';
import { membership, openResults, type WholeMap } from '@galvani/results';
import { readParameters, type StudyInput } from '@galvani/study';
import { expect, test } from 'vitest';
import { syntheticStudy } from '../../../../test/synthetic-study.js';

const signal = new AbortController().signal;
const columns = ['log10_p_familywise', 'log10_q_fdr', 'log10_p_bonferroni'];

/** Fits a made-up study and reads its maps. */
async function fitted(tasks: string[], input: Partial<StudyInput>): Promise<Map<string, WholeMap>> {
  const { folder } = await syntheticStudy({ tasks, sessions: 2, effect: 2, input });
  try {
    await glmStage({ study: folder.root, root: folder.root, signal });
    const { glm, map } = await openResults(folder, 'networks', signal);
    const maps = new Map<string, WholeMap>();
    for (const { name } of glm!.maps) maps.set(name, await map(name));
    const rule = { ...(await readParameters(folder, 'networks')), minimumEffect: 0 };
    for (const { name, kind, threshold } of glm!.maps.filter(
      ({ kind }) => kind === 'task' || kind === 'second-level',
    )) {
      const own = maps.get(name)!;
      const members = (family: 'task' | 'study') => [...membership(own, { ...rule, family })];
      // What the manifest says is what the columns say.
      const t = own.statistic('t');
      const least = threshold.familywise_study ?? Number.POSITIVE_INFINITY;
      if (kind === 'task')
        expect(members('study')).toEqual([...t].map((v) => (Math.abs(v) > least ? Math.sign(v) : 0)));
      for (const [u, member] of members('study').entries()) if (member) expect(members('task')[u]).toBe(member);
    }
    expect((await readManifest(folder.glm))?.facts.layers).toHaveLength(2);
    return maps;
  } finally {
    await rm(folder.root, { recursive: true, force: true });
  }
}

const glm = { relabellings: 300, runRelabellings: 100, secondLevel: true as const };

test('over tasks no family-wise p is smaller than over the units of one, and FDR and Bonferroni count all units of all tasks', async () => {
  const tasks = ['fossils', 'cells', 'bees'];
  const maps = await fitted(tasks, {
    glm: { ...glm, contrasts: { difference: 'fossils - cells' }, conjunctions: { both: ['fossils', 'cells'] } },
  });
  for (const kind of ['task', 'second-level']) {
    const own = tasks.map((task) => maps.get(`${kind}-${task}`)!);
    // Of FDR that is not so: a task with few members gains by others with many.
    for (const map of own)
      for (const column of ['log10_p_familywise', 'log10_p_bonferroni']) {
        const [alone, joint] = [map.statistic(column), map.statistic(`${column}_study`)];
        for (const [u, p] of joint.entries()) expect(p).toBeGreaterThanOrEqual(alone[u] - 1e-12);
        if (kind === 'task') expect(joint).not.toEqual(alone);
      }
    const p = Float64Array.from(own.flatMap((map) => [...map.statistic('log10_p')].map((log) => log * Math.LN10)));
    const joined = (column: string) => own.flatMap((map) => [...map.statistic(column)]);
    for (const [column, adjusted] of [
      ['log10_q_fdr_study', benjaminiHochberg(p)],
      ['log10_p_bonferroni_study', bonferroni(p)],
    ] as const)
      expect(joined(column)).toEqual([...adjusted].map((log) => log / Math.LN10));
  }
  for (const name of ['contrast-difference', 'conjunction-both', 'ses-01_task-cells'])
    expect(maps.get(name)!.statistic('log10_q_fdr_study').every(Number.isNaN)).toBe(true);
});

test('of one task, over tasks is over its units; also where all relabellings are listed', async () => {
  for (const promptsPerBlock of [6, 1]) {
    const design = { sessions: 4, promptsPerBlock };
    const maps = await fitted(['fossils'], { glm, design });
    for (const name of ['task-fossils', 'second-level-fossils'])
      for (const column of columns)
        expect(maps.get(name)!.statistic(`${column}_study`)).toEqual(maps.get(name)!.statistic(column));
  }
});
