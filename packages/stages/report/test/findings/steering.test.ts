import type { SteerRow } from '@galvani/artifact';
import { expect, test } from 'vitest';
import { steeringSentences, surestShifts } from '../../src/findings/steering.js';
import type { StudyResults } from '../../src/results/study-results.js';
import { steeringSection } from '../../src/sections/steering.js';

const row = (task: string, strength: number, shift: number, p: number): SteerRow => ({
  ...{
    task,
    strength,
    units: 9,
    openings: 12,
    probability: 0.1 + shift,
    shift,
    lower: shift - 0.1,
    upper: shift + 0.1,
  },
  ...{ directions: strength === 0 ? 0 : 20, random_shift: 0.01, random_spread: 0.02, random_least: -0.05 },
  ...{ random_most: 0.05, p, p_over_family: p, opposite_p: 1, opposite_p_over_family: 1 },
  ...{ text_loss: 3, random_text_loss: 3.1, read_change: 0.2, random_read_change: 0.1 },
});
const sample = (strength: number, direction: string) => ({
  ...{
    task: 'cooking',
    strength,
    direction,
    prompt_id: 'a',
    opening: 'The <b>',
    text: ' pan',
    probability: 0.4,
    loss: 3,
  },
});
const of = (shift: SteerRow[]) =>
  ({
    steer: {
      shift,
      decoder: [{ session: 1, texts: 10, right: 7, topics: 3 }],
      samples: [sample(0, 'network'), sample(2, 'network'), sample(2, 'random')],
    },
    tasks: ['cooking', 'music'],
  }) as unknown as StudyResults;

test('what is written more is named, with its judge and its cost', () => {
  const results = of([
    row('cooking', 0, 0, Number.NaN),
    row('cooking', 2, 0.4, 0.02),
    row('cooking', 1, 0.1, 0.3),
    row('music', 2, 0.02, 0.5),
  ]);
  const [moved, surest] = steeringSentences(results);
  expect(moved).toContain('writes more of 1 of 2 tasks than along random directions of equal norm: cooking');
  expect(moved).toContain('finds the task of 7 of 10 untouched texts that it did not learn from; by chance one in 3');
  expect(surest).toContain('cooking at strength 2: probability 0.40 more');
  expect(surest).toContain('it costs 0.20 nats a token on other texts');
  expect(surestShifts(results).map(({ strength }) => strength)).toEqual([2, 2]);
  const { markup } = steeringSection(results)!;
  expect(markup).toContain('steering-curve');
  expect(markup).toContain('The &lt;b&gt;');
});

test('damping shifts nothing towards a task, and a study that nobody steered says nothing', () => {
  expect(steeringSentences(of([row('cooking', 2, 0.03, 0.3)]))[0]).toContain('writes no more of any of 1 tasks');
  expect(steeringSentences(of([row('cooking', -2, -0.3, 0.01)]))).toEqual([]);
  const without = { tasks: ['cooking'] } as unknown as StudyResults;
  expect(steeringSentences(without)).toEqual([]);
  expect(steeringSection(without)).toBeUndefined();
  expect(steeringSection(of([]))!.markup).toContain('No network has members');
});
