/** Studies without rest: contrasts over tasks beside the same numbers from prompts' means alone. */
import { rm } from 'node:fs/promises';
import { readManifest, readMap } from '@galvani/artifact';
import { stage as glmStage } from '@galvani/glm';
import { openResults } from '@galvani/results';
import { mapPath, type StudyInput } from '@galvani/study';
import { afterAll, expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../test/closeness.js';
import { syntheticStudy } from '../../../../test/synthetic-study.js';

const signal = new AbortController().signal;
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A prompt of a study: its run, its task, and the mean of every unit over its tokens. */
interface Prompt {
  run: string;
  topic: string;
  isOn: boolean;
  means: Float64Array;
}

async function fitted(tasks: string[], sessions: number, promptsPerBlock: number, glm: StudyInput['glm']) {
  const design = { sessions, promptsPerBlock };
  const study = await syntheticStudy({ tasks, sessions, effect: 1.5, input: { rest: 'none', design, glm } });
  folders.push(study.folder.root);
  await glmStage({ study: study.folder.root, root: study.folder.root, signal });
  const { runs, recording } = await openResults(study.folder, 'glm');
  const prompts: Prompt[] = [];
  for (const run of runs) {
    const { promptMeans, events, isTask } = await recording(run);
    const layers = [await promptMeans('block-00'), await promptMeans('final')];
    for (const [p, { topic }] of events.entries()) {
      const own = layers.flatMap(({ means, units }) => [...means.subarray(p * units, (p + 1) * units)]);
      prompts.push({ run: run.name, topic, isOn: isTask[p] === 1, means: Float64Array.from(own) });
    }
  }
  const map = async (name: string, contrast: string, statistic: string) => {
    const layers = ['block-00', 'final'].map((layer) => readMap(mapPath(study.folder, name, layer)));
    return Float64Array.from(
      (await Promise.all(layers)).flatMap((own) => [...own.contrasts.get(contrast)![statistic]]),
    );
  };
  return { study, prompts, map };
}

interface Difference {
  effect: Float64Array;
  t: Float64Array;
}

/** First minus second within runs, runs weighed by n1 n2 / (n1 + n2), and its pooled t. */
function withinRuns(prompts: readonly Prompt[], isFirst: (prompt: Prompt, place: number) => boolean): Difference {
  const units = prompts[0].means.length;
  const groups = [...new Set(prompts.map(({ run }) => run))].map((run) =>
    [true, false].map((wanted) => prompts.filter((each, p) => each.run === run && isFirst(each, p) === wanted)),
  );
  const meanOf = (some: readonly Prompt[], u: number) =>
    some.reduce((sum, { means }) => sum + means[u], 0) / some.length;
  const effect = new Float64Array(units);
  const t = new Float64Array(units);
  for (let u = 0; u < units; u++) {
    let [weighed, total, squares] = [0, 0, 0];
    for (const [first, second] of groups) {
      const weight = (first.length * second.length) / (first.length + second.length);
      weighed += weight * (meanOf(first, u) - meanOf(second, u));
      total += weight;
    }
    effect[u] = weighed / total;
    for (const [first, second] of groups) {
      const all = [...first, ...second];
      const level = meanOf(all, u) - (effect[u] * first.length) / all.length;
      for (const each of first) squares += (each.means[u] - level - effect[u]) ** 2;
      for (const each of second) squares += (each.means[u] - level) ** 2;
    }
    const df = prompts.length - groups.length - 1;
    t[u] = effect[u] / Math.sqrt(squares / df / total);
  }
  return { effect, t };
}

const pooled = { variance: 'pooled', runRelabellings: 100 } as const;

test.each([
  ['two tasks', ['a', 'b']],
  ['four tasks', ['a', 'b', 'c', 'd']],
])('of %s a contrast of two is their difference within runs, in whichever run their prompts are', async (_, tasks) => {
  const glm = { ...pooled, relabellings: 100, contrasts: { difference: 'a - b', reversed: '2 * b - 2 * a' } };
  const { prompts, map } = await fitted(tasks, 2, 6, glm);
  const both = prompts.filter(({ topic }) => topic === 'a' || topic === 'b');
  const runs = [...new Set(both.map(({ run }) => run))];
  expect(runs).toHaveLength(2 * tasks.length);
  const { effect, t } = withinRuns(both, ({ topic }) => topic === 'a');
  expectWithinAbsolute(await map('contrast-difference', 'difference', 'effect'), effect, 1e-5);
  expectWithinAbsolute(await map('contrast-difference', 'difference', 't'), t, 1e-4);
  expectWithinAbsolute(
    await map('contrast-reversed', 'reversed', 'effect'),
    effect.map((each) => -2 * each),
    1e-5,
  );
  // A task's own map is the task minus the others in its own runs.
  const own = withinRuns(
    prompts.filter(({ run }) => run.endsWith('task-a')),
    ({ isOn }) => isOn,
  );
  expectWithinAbsolute(await map('task-a', 'a', 'effect'), own.effect, 1e-5);
  expectWithinAbsolute(await map('task-a', 'a', 't'), own.t, 1e-4);
});

test('planted units are found: a task’s own against the others, and in the difference of two tasks those of both', async () => {
  const glm = { relabellings: 500, runRelabellings: 100, contrasts: { difference: 'a - b' } };
  const { study, map } = await fitted(['a', 'b', 'c'], 3, 6, glm);
  const effect = await map('contrast-difference', 'difference', 'effect');
  const p = await map('contrast-difference', 'difference', 'log10_p_familywise');
  const expected = Float64Array.from(
    effect,
    (_, u) => 1.5 * ((study.planted.a.get(u) ?? 0) - (study.planted.b.get(u) ?? 0)),
  );
  for (const [u, truth] of expected.entries()) {
    expect(Math.abs(effect[u] - truth)).toBeLessThan(1);
    if (truth !== 0) expect(p[u]).toBeLessThan(Math.log10(0.05));
  }
  expect([...p.keys()].filter((u) => expected[u] === 0 && p[u] <= Math.log10(0.05)).length).toBeLessThanOrEqual(1);
});

test('labels of the two tasks alone are exchanged, within runs: family-wise p is that of all relabellings', async () => {
  const glm = { ...pooled, relabellings: 5000, contrasts: { difference: 'a - b' } };
  const { study, prompts, map } = await fitted(['a', 'b', 'c'], 1, 2, glm);
  const both = prompts.filter(({ topic }) => topic !== 'c');
  const runs = [...new Set(both.map(({ run }) => run))];
  const placesOf = runs.map((run) => [...both.keys()].filter((p) => both[p].run === run));
  // Two of each in each run: 6 ways.
  expect(placesOf.map((own) => own.length)).toEqual([4, 4, 4]);
  let chosen: Set<number>[] = [new Set()];
  for (const own of placesOf)
    chosen = chosen.flatMap((before) => own.flatMap((p, i) => own.slice(i + 1).map((q) => new Set([...before, p, q]))));
  expect(chosen).toHaveLength(216);
  const maxima = chosen.map((firsts) => {
    const { t } = withinRuns(both, (_, place) => firsts.has(place));
    return t.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  });
  const { t } = withinRuns(both, ({ topic }) => topic === 'a');
  const p = [...t].map((value) => maxima.filter((each) => each >= Math.abs(value) - 1e-6).length / maxima.length);
  expectWithinAbsolute(await map('contrast-difference', 'difference', 'log10_p_familywise'), p.map(Math.log10), 1e-6);
  const { facts } = (await readManifest(study.folder.glm))!;
  const sets = facts.mapSets as { name: string; relabellings?: number; smallestP?: number }[];
  expect(sets.find(({ name }) => name === 'contrast-difference')).toMatchObject({ df: 12 - 3 - 1 });
});

test.each(['prompt', 'ols', 'ar1+prompt'] as const)(
  'the noise model %s fits it, with a drift, and contrasts of a sum and F',
  async (noise) => {
    const { map } = await fitted(['a', 'b', 'c'], 2, 4, {
      ...{ noise, relabellings: 100, runRelabellings: 100, drift: { kind: 'polynomial', order: 1 } },
      contrasts: { difference: 'a - b', middle: 'a - [b, c]', any: 'a - b, b - c' },
    });
    for (const [name, statistic] of [
      ['difference', 't'],
      ['middle', 't'],
      ['any', 'F'],
    ]) {
      const values = await map(`contrast-${name}`, name, statistic);
      expect([name, [...values].filter((value) => !Number.isFinite(value)).length]).toEqual([name, 0]);
    }
  },
);
