import type { Accuracy, Control, Distance, Reliability } from '@galvani/artifact';
import { expect, test } from 'vitest';
import { judge } from '../../src/findings/verdicts/verdict.js';
import { verdicts } from '../../src/findings/verdicts/verdicts.js';
import type { StudyResults } from '../../src/results/study-results.js';

const tasks = ['political-science', 'medical-imaging', 'paleontology', 'archaeology', 'pathology', 'random-strings'];
const runs = [1, 2, 3, 4].flatMap((session) => tasks.map((task) => ({ name: `${session} ${task}`, session, task })));

const size = (members: number) => (task: string) => ({
  ...{ task, layer: 'block-00', kind: 'linear', site: 'fc1', units: 100, members, positive: members, negative: 0 },
});
const reliability = (measure: string, task: string, p: number, difference = 0.5): Reliability => ({
  ...{ measure, task, within: 0.6, lower: 0.5, upper: 0.7, between: 0.1, difference },
  ...{ difference_lower: difference - 0.1, difference_upper: difference + 0.1, whole: Number.NaN },
  ...{ p, labellings: 2000, exhaustive: false },
});
const accuracy = (level: string, p: number, lower = 0.4): Accuracy => ({
  ...{
    level,
    correct: 5,
    total: 10,
    accuracy: 0.5,
    lower,
    upper: 0.8,
    chance: 1 / 6,
    p,
    opposite_p: 1 - p,
    permutations: 999,
  },
});
const overlap = (task_a: string, task_b: string, dice: number, p_over_pairs: number) => ({
  ...{
    task_a,
    task_b,
    members_a: 10,
    members_b: 10,
    same: 10 * dice,
    opposed: 0,
    dice,
    opposed_dice: 0,
    jaccard: dice,
  },
  ...{ lower: dice - 0.1, upper: dice + 0.1, expected_dice: 0.1, expected_opposed_dice: 0.1, relabelled_dice: 0.1 },
  ...{ p: p_over_pairs, p_over_pairs, opposed_p: 1, opposed_p_over_pairs: 1 },
});
const distance = (task_a: string, task_b: string, value: number, p: number, half = 0.1): Distance => ({
  ...{ task_a, task_b, distance: value, lower: value - half, upper: value + half, error: half / 2, p },
  ...{ p_over_pairs: p, smallest_p: 0.001, units: 100 },
});
const near = distance('medical-imaging', 'pathology', 0.3, 0.01);
const far = distance('paleontology', 'pathology', 1, 0.001);
const ranks = (p: number, upper = 0.9) => ({
  ...{ measure: 'squared_effect', tasks: 6, rest_topics: 33, superiority: 0.8, lower: 0.2, upper },
  ...{ p, opposite_p: 1 - p, smallest_p: 1e-6 },
});
const sure = ['correlation', 'dice'].flatMap((measure) =>
  ['', ...tasks].map((task) => reliability(measure, task, 0.001)),
);

function study(
  parts: Partial<StudyResults['networks']> & {
    accuracy?: Accuracy[];
    p?: number;
    tasks?: string[];
    controls?: Control[];
    distances?: Distance[];
  } = {},
) {
  const {
    accuracy: rows = [accuracy('run', 0.001), accuracy('prompt', 0.001)],
    p = 0.001,
    controls,
    distances = [near, far, distance('pathology', 'rest', 0, 1)],
    ...networks
  } = parts;
  return {
    tasks: parts.tasks ?? tasks,
    plan: { runs },
    networks: {
      sizes: tasks.map(size(10)),
      reliability: sure,
      overlap: [overlap('medical-imaging', 'pathology', 0.4, 0.01), overlap('paleontology', 'pathology', 0.2, 0.5)],
      ...networks,
    },
    decode: { accuracy: rows },
    yardstick: { ranks: [ranks(p)] },
    controls: { identification: controls },
    geometry: { distances },
  } as unknown as StudyResults;
}
const said = (results: StudyResults) => verdicts(results).map(({ verdict }) => verdict);

test('what tests bear out is supported', () => {
  const found = verdicts(study());
  expect(found.map(({ verdict }) => verdict)).toEqual(Array(7).fill('supported'));
  expect(found[0].words).toContain('By themselves (Holm over tasks) 6 of 6 tasks are so.');
  for (const { effect, p, refutedBy } of found) {
    expect(effect?.lower).toBeTypeOf('number');
    expect(p).toBeLessThan(0.05);
    expect(refutedBy).not.toBe('');
  }
});

test('empty networks and identification at chance are no evidence, whatever maps are like', () => {
  const chance = ['run', 'prompt'].map((level) => ({ ...accuracy(level, 1, 0), accuracy: 0, correct: 0, chance: 0 }));
  const empty = { sizes: tasks.map(size(0)), overlap: [] };
  expect(said(study({ ...empty, accuracy: chance, p: 0.4 }))).toEqual(Array(7).fill('no evidence'));
});

test('nothing is supported beside identification at chance that it stands on', () => {
  const accuracies = [accuracy('run', 0.3), accuracy('prompt', 0.2)];
  const found = verdicts(study({ accuracy: accuracies }));
  expect(found.slice(0, 2).map(({ verdict }) => verdict)).toEqual(['no evidence', 'no evidence']);
  expect(found[0].words).toContain('held-out activity is not identified above chance');
});

test('a small p needs an interval beyond chance', () => {
  expect(said(study({ accuracy: [accuracy('run', 0.04, 0.1), accuracy('prompt', 0.01)] })).slice(4, 6)).toEqual([
    'no evidence',
    'supported',
  ]);
});

test('an effect on the other side, with its whole interval, is against', () => {
  const turned = sure.map((row) => ({
    ...row,
    p: 0.99,
    difference: -0.5,
    difference_lower: -0.6,
    difference_upper: -0.4,
  }));
  expect(said(study({ reliability: turned })).slice(0, 2)).toEqual(['against', 'against']);
});

test('identification is against where the lower tail says so, ties counted, and not where the upper tail alone does', () => {
  const below = (opposite_p: number) => ({
    ...accuracy('prompt', 0.97, 0),
    ...{ accuracy: 0.02, correct: 0, upper: 0.1, opposite_p },
  });
  const found = (opposite_p: number) =>
    verdicts(study({ accuracy: [accuracy('run', 0.01), below(opposite_p)] })).find(({ claim }) =>
      claim.includes('held-out prompt'),
    )!;
  expect(found(0.04).verdict).toBe('against');
  expect(found(0.04).words).toContain('as few, p 0.040');
  expect(found(0.08).verdict).toBe('no evidence');
});

test('exceptions among tasks are named', () => {
  const reliability_ = sure.map((row) => (row.task === 'pathology' ? { ...row, p: 0.4 } : row));
  const [own] = verdicts(study({ reliability: reliability_ }));
  expect([own.verdict, own.words.includes('5 of 6 tasks are so; not pathology.')]).toEqual(['supported', true]);
});

test('what could not have come out, or was not done, cannot be said', () => {
  expect(judge({ p: 0.25, smallest: 0.25, opposite: false })).toBe('cannot be said');
  expect(judge({ p: Number.NaN, smallest: 0, opposite: true })).toBe('cannot be said');
  const nothing = {
    tasks,
    plan: { runs },
    networks: {},
    decode: {},
    yardstick: {},
    geometry: {},
  } as unknown as StudyResults;
  expect(said(nothing)).toEqual(Array(7).fill('cannot be said'));
});

test('the paper stands beside a study of its tasks alone', () => {
  const [own, , shared] = verdicts(study());
  expect(own.paper).toBe('Networks of tasks are distinct.');
  expect(shared.paper).toContain('Here they are the first of 2 pairs (Dice 0.40).');
  expect(verdicts(study({ tasks: tasks.slice(1) })).every(({ paper }) => paper === undefined)).toBe(true);
});

const apart = (distances: Distance[], accuracies?: Accuracy[]) => {
  const found = verdicts(study({ distances, ...(accuracies && { accuracy: accuracies }) }));
  return found.find(({ claim }) => claim.includes('every two tasks'))!;
};

test('tasks lie apart where the nearest do', () => {
  expect(apart([far, near])).toMatchObject({ verdict: 'supported', p: 0.01, effect: { value: 0.3 } });
  expect(apart([far, near]).words).toBe(
    '2 of 2 pairs differ by more than with prompts exchanged, corrected over pairs; nearest are medical imaging and pathology.',
  );
  const alike = distance('archaeology', 'paleontology', 0.05, 0.3);
  expect(apart([far, near, alike])).toMatchObject({ verdict: 'no evidence', p: 0.3, effect: { value: 0.05 } });
  expect(apart([far, near, alike]).words).toContain('2 of 3 pairs differ');
  expect(apart([{ ...near, lower: -0.01 }]).words).toContain('not every interval lies above 0');
  expect(apart([near], [accuracy('run', 0.3), accuracy('prompt', 0.2)]).verdict).toBe('no evidence');
});

test('a distance below 0 with its whole interval speaks against it; so few prompts that no p is small say nothing', () => {
  expect(apart([distance('archaeology', 'paleontology', -0.3, 1), far]).verdict).toBe('against');
  const below = { ...distance('archaeology', 'paleontology', -0.3, 1), p: 0.97 };
  expect([apart([below]).verdict, apart([below, far]).verdict]).toEqual(['against', 'no evidence']);
  const few = { ...near, p_over_pairs: 0.5, smallest_p: 0.06 };
  expect(apart([few])).toMatchObject({ verdict: 'cannot be said' });
  // By Holm over two pairs, twice .03 is the least.
  expect(
    apart([
      { ...few, smallest_p: 0.03 },
      { ...far, smallest_p: 0.03 },
    ]).verdict,
  ).toBe('cannot be said');
  expect(apart([]).verdict).toBe('cannot be said');
});

/** Of 100 prompts, of which networks identify 80. */
const control = (features: string, correct: number, p: number, half = 0.1): Control => ({
  ...{ folds: 'words', source: features === 'units' ? 'activity' : 'wording', features, width: 10 },
  ...{ decoder: features === 'units' ? 'networks' : 'ridge', correct, total: 100, accuracy: correct / 100 },
  ...{ lower: 0, upper: 1, balanced: 0, top_two: 0, difference: (80 - correct) / 100, p },
  ...{ difference_lower: (80 - correct) / 100 - half, difference_upper: (80 - correct) / 100 + half },
});
const beyondWording = (controls: Control[], accuracies?: Accuracy[]) =>
  verdicts(study({ controls: [control('units', 80, 1), ...controls], ...(accuracies && { accuracy: accuracies }) }))
    .filter(({ claim }) => claim.includes('beyond its wording'))
    .map(({ verdict, effect, p, words }) => ({ verdict, what: effect?.what, p, words }));

test('of wording the most accurate control is held against networks, and the largest p decides', () => {
  expect(beyondWording([])).toEqual([]);
  const [ahead] = beyondWording([control('tokens', 60, 0.001), control('input embedding', 65, 0.004)]);
  expect(ahead).toMatchObject({
    verdict: 'supported',
    what: 'accuracy beyond the mean of the prompts’ input embeddings',
    p: 0.002,
  });
  expect(ahead.words).toContain('networks identify 80 of 100 and the best of wording');
  expect(ahead.words).toContain('the most accurate of 2 controls');
  expect(beyondWording([control('tokens', 60, 0.2), control('input embedding', 65, 0.004)])[0]).toMatchObject({
    ...{ verdict: 'no evidence', p: 0.1, what: 'accuracy beyond the mean of the prompts’ input embeddings' },
  });
});

test('of equal controls the one that is beaten least surely is the best', () => {
  const [found] = beyondWording([control('tokens', 65, 0.09), control('input embedding', 65, 0.07, 0.01)]);
  expect(found).toMatchObject({ what: 'accuracy beyond the prompts’ tokens', p: 0.045, verdict: 'supported' });
});

test('behind wording is against, and an interval that reaches 0 is no support', () => {
  expect(beyondWording([control('tokens', 95, 0.001)])[0]).toMatchObject({ verdict: 'against', p: 0.9995 });
  const [found] = beyondWording([control('tokens', 70, 0.08)]);
  expect([found.verdict, found.p]).toEqual(['no evidence', 0.04]);
  expect(found.words).toContain('the interval does not lie above 0');
});

test('beyond wording is not supported beside identification at chance', () => {
  const [found] = beyondWording([control('tokens', 40, 0.001)], [accuracy('run', 0.3), accuracy('prompt', 0.2)]);
  expect(found.verdict).toBe('no evidence');
});
