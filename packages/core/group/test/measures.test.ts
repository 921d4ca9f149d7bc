import { expect, test } from 'vitest';
import { analyseGroup } from '../src/analyse-group.js';
import type { GroupStudy } from '../src/group-study.js';
import { sharedTasks, studyLabels } from '../src/group-study.js';
import { measures } from '../src/measures.js';
import { partsOfModel } from '../src/model-part.js';

/** A study of two tasks on two layers, whose networks have these members. */
function study(label: string, members: Record<string, [number, number]>, more: Partial<GroupStudy> = {}): GroupStudy {
  const sizes = Object.entries(members).flatMap(([task, own]) =>
    own.map((count, k) => ({
      ...{ task, layer: `block-0${k}`, kind: 'linear', site: `s${k}`, units: k === 0 ? 100 : 300 },
      ...{ members: count, positive: count, negative: 0 },
    })),
  );
  return {
    ...{
      label,
      named: `studies/${label}`,
      tasks: Object.keys(members),
      model: label,
      layers: ['block-00', 'block-01'],
    },
    ...{ sizes, overlap: [], accuracy: [], controls: [], distances: [], inputs: {}, ...more },
  };
}

const valuesOf = (name: string, of: GroupStudy) =>
  measures
    .find((measure) => measure.name === name)!
    .of(of, of.tasks)
    .map(({ label, value, chance = 0, error = Number.NaN }) => [label, value, chance, error]);

test('shares of units, and where in the model they are', () => {
  const one = study('one', { a: [10, 30], b: [0, 8] });
  expect(valuesOf('size', one)).toEqual([
    ['a', 0.1, 0, Number.NaN],
    ['b', 0.02, 0, Number.NaN],
  ]);
  expect(valuesOf('size beside other tasks', one)).toEqual([
    ['a', 0.1, 0.02, Number.NaN],
    ['b', 0.02, 0.1, Number.NaN],
  ]);
  expect(valuesOf('layer profile', one)).toEqual([
    ['a @ second quarter', 0.25, 0.25, Number.NaN],
    ['a @ last quarter', 0.75, 0.75, Number.NaN],
    ['b @ second quarter', 0, 0.25, Number.NaN],
    ['b @ last quarter', 1, 0.75, Number.NaN],
  ]);
  expect(valuesOf('size beside other tasks', study('alone', { a: [1, 2] }))).toEqual([]);
});

test('parts of models of any depth', () => {
  const layers = ['embeddings', ...Array.from({ length: 8 }, (_, k) => `block-0${k}`), 'final'];
  expect([...partsOfModel(layers).values()]).toEqual([
    'embeddings',
    ...['first quarter', 'second quarter', 'third quarter', 'last quarter'].flatMap((part) => [part, part]),
    'final',
  ]);
  expect([...partsOfModel(['only']).values()]).toEqual(['third quarter']);
});

test('pairs are found whichever task comes first, with errors from their intervals', () => {
  const overlap = [
    {
      task_a: 'a',
      task_b: 'b',
      dice: 0.5,
      expected_dice: 0.1,
      lower: 0.5 - 1.959963984540054,
      upper: 0.5 + 1.959963984540054,
    },
    { task_a: 'b', task_b: 'a', dice: 9, expected_dice: 9, lower: 9, upper: 9 },
  ] as GroupStudy['overlap'];
  const distances = [
    { task_a: 'b', task_b: 'a', distance: 2, error: 0.3 },
    { task_a: 'a', task_b: 'rest', distance: 1, error: 0.2 },
  ] as GroupStudy['distances'];
  const one = study('one', { a: [1, 1], b: [1, 1] }, { overlap, distances });
  expect(valuesOf('overlap', one)).toEqual([['a + b', 0.5, 0.1, 1]]);
  expect(valuesOf('distance', one)).toEqual([
    ['a + b', 2, 0, 0.3],
    ['a + rest', 1, 0, 0.2],
  ]);
});

test('the twin’s accuracy is what the model’s is held against', () => {
  const row = { folds: 'sessions', features: 'twin', decoder: 'networks', accuracy: 0.3, difference: 0.5 };
  const controls = [
    { ...row, difference_lower: 0.1, difference_upper: 0.9 },
    { ...row, folds: 'words' },
    { ...row, decoder: 'ridge' },
  ] as GroupStudy['controls'];
  expect(valuesOf('beyond the twin', study('one', { a: [1, 1] }, { controls }))).toEqual([
    ['prompt', 0.8, 0.3, 0.8 / (2 * 1.959963984540054)],
  ]);
});

test('studies are compared by the tasks that all have, and what is left out is said', async () => {
  const studies = [
    study('one', { a: [10, 30], b: [0, 8], c: [1, 1] }),
    study('two', { b: [4, 8], a: [20, 30] }),
    study('three', { a: [5, 0], b: [0, 0] }, { model: 'two' }),
  ];
  expect(sharedTasks(studies)).toEqual(['a', 'b']);
  const { tasks, notes, effects, observations } = await analyseGroup(studies, [], 1);
  expect(tasks).toEqual(['a', 'b']);
  expect(effects.filter(({ measure }) => measure === 'size').map(({ label, mean }) => [label, mean])).toEqual([
    ['a', (0.1 + 0.125 + 0.0125) / 3],
    ['b', (0.02 + 0.03) / 3],
  ]);
  // The network of b is empty in the third study, so that it has no profile.
  expect(effects.filter(({ measure }) => measure === 'layer profile').map(({ label }) => label)).toEqual([
    'a @ second quarter',
    'a @ last quarter',
  ]);
  expect(observations.filter(({ label }) => label === 'c')).toEqual([]);
  expect(notes.join('\n')).toMatch(/Of tasks a, b are compared.*c is left out/);
  expect(notes.join('\n')).toMatch(/three has the same model as two/);
  expect(notes.join('\n')).toMatch(/3 studies have 8 sign flips, so that no p over studies is below 0.25/);
  expect(notes.join('\n')).toMatch(/layer profile: b @ second quarter, b @ last quarter left out/);
  expect(notes.join('\n')).toMatch(/overlap: fewer than two studies have it/);
});

test('studies are called by their folders, or as they were named', () => {
  const of = (...paths: string[]) => studyLabels(paths.map((path) => ({ named: path, path: `/w/${path}/study.yaml` })));
  expect(of('a/x', 'a/y')).toEqual(['x', 'y']);
  expect(of('a/x', 'b/x', 'c')).toEqual(['a/x', 'b/x', 'c']);
});
