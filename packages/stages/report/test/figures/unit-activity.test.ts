import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blocksOf } from '../../src/figures/design-timeline.js';
import { onStretches, promptMeans, standardScores } from '../../src/figures/unit-activity.js';

const event = (prompt: number, block: number, condition: string) => ({
  run: 'ses-01_task-a',
  session: 1,
  task: 'a',
  prompt,
  block,
  condition,
  prompt_id: String(prompt),
  topic: 'a',
  form: 'list',
  text: 'x',
});
const token = (prompt: number, position: number) => ({
  prompt,
  position,
  token_id: 0,
  token: '',
  log_probability: 0,
  entropy: 0,
});

const events = [event(0, 0, 'rest'), event(1, 1, 'task'), event(2, 1, 'task'), event(3, 2, 'rest')];
// The second prompt was given one token more than the others.
const tokens = [0, 0, 1, 1, 1, 2, 2, 3, 3].map((prompt, i) => token(prompt, i));

test('blocks are stretches of prompts, whatever the order of the events', () => {
  const blocks = blocksOf([...events].reverse());
  expect(blocks.map(({ condition, first, end }) => [condition, first, end])).toEqual([
    ['rest', 0, 1],
    ['task', 1, 3],
    ['rest', 3, 4],
  ]);
});

test('on blocks are found among tokens, also where prompts have unequal numbers of them', () => {
  expect(onStretches(blocksOf(events), tokens)).toEqual([{ first: 2, end: 7 }]);
});

test('means are over the tokens of a prompt', () => {
  expect(promptMeans(Float64Array.of(1, 3, 1, 2, 6, 0, 0, 5, 7), tokens)).toEqual([
    { first: 0, end: 2, mean: 2 },
    { first: 2, end: 5, mean: 3 },
    { first: 5, end: 7, mean: 0 },
    { first: 7, end: 9, mean: 6 },
  ]);
});

test('standard scores have mean 0 and variance 1; a constant series is 0', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 50 }), (values) => {
      const scores = standardScores(Float64Array.from(values));
      const constant = values.every((value) => value === values[0]);
      expect(scores.reduce((a, b) => a + b, 0) / scores.length).toBeCloseTo(0, 9);
      expect(scores.reduce((a, b) => a + b * b, 0) / scores.length).toBeCloseTo(constant ? 0 : 1, 9);
    }),
  );
});
