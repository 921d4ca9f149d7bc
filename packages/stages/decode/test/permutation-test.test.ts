import type { RunActivity } from '@galvani/identification';
import { randomStream } from '@galvani/numerics';
import { effectModel } from '@galvani/statistics';
import { studySchema } from '@galvani/study';
import { expect, test } from 'vitest';
import { type Fold, prepareFold } from '../src/fold.js';
import { prepareFolds } from '../src/folds.js';
import { identify } from '../src/identification.js';
import { drawLabellings, type Labellings, trainingSources } from '../src/labellings.js';
import { countCorrect, createTally, permutationTest } from '../src/permutation-test.js';
import { prompts, recordedSessions, taskPrompts } from './recorded-runs.js';

const levels = ['run', 'prompt'] as const;

/**
 * One of two sessions held out, of `tasks` runs with one task prompt each. The network of a training run matches the run at
 * the same place, so that a held-out run is identified as the task whose label that training run bears.
 */
function fold(session: number, labellings: Labellings, score = (own: boolean) => (own ? 0.9 : 0.1)): Fold {
  const { sources, sourceOf } = trainingSources(labellings, session - 1);
  const heldOut = Array.from({ length: labellings.tasks }, (_, run) =>
    levels.map((level) => ({ level, run, promptId: level === 'run' ? '' : 'x' })),
  ).flat();
  const scores = Float64Array.from(sources.flatMap(([source]) => heldOut.map(({ run }) => score(run === source))));
  return { session, heldOut, thresholds: [], statistic: 'z', members: [], scores, sourceOf };
}

/** Labellings of two sessions, given by the run that bears each task's label. */
function labelled(...given: number[][][]): Labellings {
  const tasks = given[0][0].length;
  return { count: given.length, sessions: 2, tasks, runOf: Uint16Array.from(given.flat(2)) };
}

const correctOf = (folds: Fold[], labellings: Labellings, i: number) => {
  const tally = createTally(labellings.count);
  for (const [held, own] of folds.entries()) countCorrect(own, held, labellings, i, tally);
  return { run: tally.correct.run[i], prompt: tally.correct.prompt[i] };
};

test('a run is identified as the task whose network matches it best', () => {
  const natural = [0, 1, 2];
  // Then training runs whose labels went round: the run at place 0 bears task 2.
  const one = fold(1, labelled([natural, natural], [natural, [1, 2, 0]]));
  const found = identify(one, 3, 0);
  expect(found.map(({ identified }) => identified)).toEqual([0, 0, 1, 1, 2, 2]);
  expect(found[0].scores).toEqual([0.9, 0.1, 0.1]);
  expect(identify(one, 3, 1).map(({ identified }) => identified)).toEqual([2, 2, 0, 0, 1, 1]);
});

test('of equal scores the first task wins, and empty networks identify nothing', () => {
  const labels = labelled([
    [0, 1],
    [0, 1],
  ]);
  expect(
    identify(
      fold(1, labels, () => 0.5),
      2,
      0,
    ).map(({ identified }) => identified),
  ).toEqual([0, 0, 0, 0]);
  const empty = fold(1, labels, () => Number.NEGATIVE_INFINITY);
  expect(identify(empty, 2, 0).map(({ identified }) => identified)).toEqual([-1, -1, -1, -1]);
  expect(correctOf([empty, empty], labels, 0)).toEqual({ run: 0, prompt: 0 });
});

test('what counts as correct follows the labels of both sessions', () => {
  const both = (first: number[], second: number[]) => {
    const labels = labelled([first, second]);
    return correctOf([fold(1, labels), fold(2, labels)], labels, 0);
  };
  expect(both([0, 1, 2], [0, 1, 2])).toEqual({ run: 6, prompt: 6 });
  // Exchanged alike in both sessions, the labels say the same.
  expect(both([1, 0, 2], [1, 0, 2])).toEqual({ run: 6, prompt: 6 });
  expect(both([0, 1, 2], [1, 0, 2])).toEqual({ run: 2, prompt: 2 });
  expect(both([0, 1, 2], [1, 2, 0])).toEqual({ run: 0, prompt: 0 });
});

test('p is (b + 1) / (m + 1) and chance the mean of the permutations', () => {
  const labels = drawLabellings(3, 2, 300, 7);
  const found = permutationTest([fold(1, labels), fold(2, labels)], labels);
  // Here a permutation reaches what was observed where both sessions get one order.
  const agreeing = Array.from({ length: labels.count }, (_, i) => {
    const [first, second] = [0, 3].map((at) => labels.runOf.subarray(i * 6 + at, i * 6 + at + 3));
    return first.reduce((sum, run, task) => sum + (run === second[task] ? 1 : 0), 0);
  });
  expect(agreeing[0]).toBe(3);
  const [, ...permuted] = agreeing;
  expect(found.run.p).toBe((permuted.filter((own) => own === 3).length + 1) / 301);
  expect(found.run.oppositeP).toBe(1);
  // Labels that agree nowhere are reached from below by those that do not either alone.
  const [one, other] = [labels.runOf.slice(0, 3), Int32Array.of(1, 2, 0)];
  const runOf = labels.runOf.slice();
  runOf.set(
    Int32Array.from(other, (task) => one[task]),
    3,
  );
  const turned = { ...labels, runOf };
  const worse = permutationTest([fold(1, turned), fold(2, turned)], turned).run;
  expect(worse.p).toBe(1);
  expect(worse.oppositeP).toBe((permuted.filter((own) => own === 0).length + 1) / 301);
  // The mean of all permutations of the held-out labels, of which 300 are a sample.
  expect(found.run.chance).toBeCloseTo(1 / 3, 12);
  expect(Math.abs(permuted.reduce((a, b) => a + b) / 300 / 3 - 1 / 3)).toBeLessThan(5 * Math.sqrt(1 / 9 / 300));
  expect(found.prompt).toEqual(found.run);
  // Of all orders one in 3! agrees.
  expect(Math.abs(found.run.p - 1 / 6)).toBeLessThan(5 * Math.sqrt(((1 / 6) * (5 / 6)) / 300));
});

test('where nothing was identified every permutation reaches it either way, and both p are 1', () => {
  const labels = drawLabellings(2, 2, 20, 1);
  const blind = [1, 2].map((session) => fold(session, labels, () => Number.NEGATIVE_INFINITY));
  expect(permutationTest(blind, labels).run).toEqual({ p: 1, oppositeP: 1, chance: 0 });
});

const study = { sessions: 3, tasks: 4, units: 120 };

test.each(['familywise', 'bonferroni', 'fdr', 'none', 'top'] as const)(
  'runs that change places within their session change nothing but the labels’ names: %s',
  async (correction) => {
    const sessions = recordedSessions({ ...study, seed: 1, effect: 2 });
    const rule = correction === 'top' ? { top: '5%' } : { correction };
    const { networks } = studySchema.parse({ tasks: ['a'], networks: rule });
    const labellings = drawLabellings(study.tasks, study.sessions, 50, 1);
    const model = effectModel({ task: taskPrompts, rest: prompts - taskPrompts, runs: 2 }, 'separate');
    // A draw of thresholds; its own draws name runs by their places too, each as likely as any other.
    const maxima = sessions.map((_, s) => Float64Array.from({ length: 99 }, (_, i) => 2 + s / 10 + i / 200));
    const correct = async (runs: RunActivity[][], labels: Labellings) => {
      const folds: Fold[] = [];
      for (const held of runs.keys()) {
        const own = await prepareFold(runs, held, { networks, labellings: labels, model, maxima });
        // Networks of one unit all match by 1 or -1, but for rounding.
        folds.push({ ...own, scores: own.scores.map((score) => Math.round(score * 1e9)) });
      }
      return Array.from({ length: labels.count }, (_, i) => correctOf(folds, labels, i));
    };
    const stream = randomStream(1, 'places');
    const places = sessions.map((session) => stream.shuffled([...session.keys()]));
    const moved = sessions.map((session, s) => places[s].map((place) => session[place]));
    const runOf = labellings.runOf.map((run, i) => places[Math.floor(i / study.tasks) % study.sessions].indexOf(run));
    expect(await correct(moved, { ...labellings, runOf })).toEqual(await correct(sessions, labellings));
  },
);

test('p is small as often as it says where labels have nothing to do with real effects', async () => {
  const { networks } = studySchema.parse({ tasks: ['a'] });
  const [studies, alpha] = [30, 0.2];
  let small = 0;
  for (let seed = 0; seed < studies; seed++) {
    const stream = randomStream(seed, 'shuffled');
    const recorded = recordedSessions({ sessions: 3, tasks: 4, units: 60, seed, effect: 3 });
    const sessions = recorded.map((session) => stream.shuffled(session));
    const labellings = drawLabellings(4, 3, 49, seed);
    const rules = { networks, labellings, relabellings: 49, variance: 'separate', seed } as const;
    const { prompt } = permutationTest(await prepareFolds(sessions, rules), labellings);
    if (prompt.p <= alpha) small++;
  }
  // Five standard deviations of a binomial number above its mean.
  expect(small).toBeLessThan(studies * alpha + 5 * Math.sqrt(studies * alpha * (1 - alpha)));
});
