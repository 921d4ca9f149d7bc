import type { RunActivity } from '@galvani/identification';
import { clopperPearson, randomStream } from '@galvani/numerics';
import { runSums } from '@galvani/statistics';
import { studySchema } from '@galvani/study';
import { beforeAll, expect, test, vi } from 'vitest';
import { prepareFolds } from '../src/folds.js';
import { identify } from '../src/identification.js';
import { drawLabellings } from '../src/labellings.js';
import { permutationTest } from '../src/permutation-test.js';

const [tasks, sessions, onPrompts, offPrompts, units] = [3, 3, 4, 8, 40];
const studies = 60;
const { networks } = studySchema.parse({
  tasks: ['a'],
  networks: { correction: 'none', alpha: 0.1, minimumEffect: 0 },
});

beforeAll(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

/**
 * A study without rest in which tasks differ in every session, in off blocks as in on blocks, and in nothing that another session
 * repeats: a session's runs could have borne each other's labels.
 */
function nullStudy(seed: number): RunActivity[][] {
  const stream = randomStream(seed, 'null without rest');
  const noise = () => Float64Array.from({ length: units }, () => stream.normal());
  return Array.from({ length: sessions }, (_, s) => {
    const patterns = Array.from({ length: tasks }, () => noise().map((value) => 1.5 * value));
    return Array.from({ length: tasks }, (_, task): RunActivity => {
      const others = [...Array(tasks).keys()].filter((other) => other !== task);
      const topics = [
        ...Array<number>(onPrompts).fill(task),
        ...Array.from({ length: offPrompts }, (_, p) => others[p % others.length]),
      ];
      const means = Float32Array.from(
        topics.flatMap((topic) => [...noise().map((value, u) => value + patterns[topic][u])]),
      );
      const isTask = Uint8Array.from(topics, (topic) => (topic === task ? 1 : 0));
      const run = { name: `${s} ${task}`, session: s + 1, task: `${task}` };
      const promptIds = topics.map((_, p) => `${s} ${task} ${p}`);
      return { run, isTask, promptIds, means, sums: runSums(means, units, isTask) };
    });
  });
}

test('without rest, where tasks do not repeat, identification is at chance and p is a p', async () => {
  let [correct, total, rejected] = [0, 0, 0];
  for (let seed = 1; seed <= studies; seed++) {
    const labellings = drawLabellings(tasks, sessions, 99, seed);
    const rules = { networks, labellings, relabellings: 100, variance: 'separate', seed } as const;
    const folds = await prepareFolds(nullStudy(seed), rules);
    for (const fold of folds)
      for (const [i, { identified }] of identify(fold, tasks, 0).entries()) {
        const { level, run } = fold.heldOut[i];
        if (level !== 'run') continue;
        total++;
        if (identified === run) correct++;
      }
    if (permutationTest(folds, labellings).run.p <= 0.1) rejected++;
  }
  expect(total).toBe(studies * tasks * sessions);
  const accuracy = clopperPearson(correct, total, 0.999);
  expect(accuracy.lower).toBeLessThan(1 / tasks);
  expect(accuracy.upper).toBeGreaterThan(1 / tasks);
  // p of few runs is discrete, and so rather below its level.
  expect(clopperPearson(rejected, studies, 0.999).lower).toBeLessThan(0.1);
});
