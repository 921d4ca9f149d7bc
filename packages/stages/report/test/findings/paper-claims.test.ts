import { likenessOf } from '@galvani/networks';
import { expect, test } from 'vitest';
import { paperClaims } from '../../src/findings/paper-claims.js';
import type { StudyResults } from '../../src/results/study-results.js';

const tasks = ['medical-imaging', 'pathology', 'paleontology', 'random-strings'];
const overlap = (task_a: string, task_b: string, dice: number) => ({
  task_a,
  task_b,
  members_a: 10,
  members_b: 10,
  same: 1,
  opposed: 0,
  dice,
  opposed_dice: 0,
  jaccard: dice,
  expected_dice: 0.1,
  expected_opposed_dice: 0.1,
});
const session = (task: string, other_task: string, dice: number, correlation: number) => ({
  task,
  other_task,
  session_a: 1,
  session_b: 2,
  dice,
  jaccard: dice,
  expected_dice: 0.1,
  correlation,
});
const accuracy = (level: string, lower: number, p: number) => ({
  level,
  correct: 5,
  total: 10,
  accuracy: 0.5,
  lower,
  upper: 0.8,
  chance: 0.25,
  p,
  permutations: 999,
});

const verdicts = (networks: StudyResults['networks'], decode: StudyResults['decode'] = {}) =>
  paperClaims({
    tasks,
    networks: { likeness: likenessOf(networks.repeatability ?? [], tasks), ...networks },
    decode,
  } as StudyResults).map(({ verdict, words }) => ({ verdict, words }));

test('nothing can be said where there is nothing', () => {
  expect(verdicts({}).map(({ verdict }) => verdict)).toEqual(Array(4).fill('cannot be said'));
});

test('a task that is more like another than like itself is named', () => {
  const repeatability = [
    session('pathology', 'pathology', 0.5, 0.6),
    session('medical-imaging', 'medical-imaging', 0.5, 0.2),
    session('pathology', 'medical-imaging', 0.4, 0.4),
  ];
  const [distinct] = verdicts({ repeatability });
  expect(distinct.verdict).toBe('agrees in part');
  expect(distinct.words).toContain('Not so: medical imaging (0.20 with itself, 0.40 with pathology).');
});

test('overlap agrees, agrees among topics, or disagrees with its rank', () => {
  const pair = overlap('medical-imaging', 'pathology', 0.3);
  const of = (...others: ReturnType<typeof overlap>[]) => verdicts({ overlap: [pair, ...others] })[1];
  expect(of(overlap('pathology', 'paleontology', 0.2))).toMatchObject({ verdict: 'agrees' });
  expect(of(overlap('pathology', 'random-strings', 0.4)).verdict).toBe('agrees in part');
  const beaten = of(overlap('pathology', 'paleontology', 0.4), overlap('medical-imaging', 'paleontology', Number.NaN));
  expect(beaten.verdict).toBe('disagrees');
  expect(beaten.words).toContain('rank 2 of 2 pairs; pathology and paleontology have 0.40');
});

test('repetition is judged against independence, task by task', () => {
  const repeatability = [
    session('pathology', 'pathology', 0.5, 0.6),
    session('paleontology', 'paleontology', 0.05, 0.1),
  ];
  const repeat = verdicts({ repeatability })[2];
  expect(repeat.verdict).toBe('agrees in part');
  expect(repeat.words).toContain('No better than independence: paleontology.');
});

test('identification must beat chance by interval and by permutation', () => {
  const identified = (...rows: ReturnType<typeof accuracy>[]) => verdicts({}, { accuracy: rows })[3].verdict;
  expect(identified(accuracy('run', 0.3, 0.01), accuracy('prompt', 0.4, 0.01))).toBe('agrees');
  expect(identified(accuracy('run', 0.2, 0.04), accuracy('prompt', 0.4, 0.01))).toBe('agrees in part');
  expect(identified(accuracy('run', 0.2, 0.2))).toBe('disagrees');
});
