import type { RunView } from '@galvani/view';
import { expect, test } from 'vitest';
import { blocksOf, positionMeans, rankedPrompts, rankedTokens, studyCourse } from '../../src/course/study-course.js';

const prompt = (block: number, condition: string) => ({
  prompt_id: '',
  block,
  condition,
  topic: condition,
  form: '',
  text: `${block}`,
});
const run = (name: string): RunView => ({
  ...{ name, session: 1, task: 'a' },
  prompts: [prompt(0, 'rest'), prompt(1, 'task'), prompt(1, 'task')],
  tokens: {
    prompt: [0, 0, 1, 1, 2, 2],
    position: [0, 1, 0, 1, 0, 1],
    token: ['a', 'b', 'c', 'd', 'e', 'f'],
    after_end: [false, true, false, false, false, false],
    log_probability: [],
    entropy: [],
  },
});
const series = Float32Array.of(1, 100, 2, 4, 6, 8, 0, 0, 0, 0, 0, -1);

test('a series is cut into runs, and prompts’ means leave out what statistics do', () => {
  const [one, two] = studyCourse([run('one'), run('two')], series, { keep: 'tokens', afterEnd: 'drop' });
  expect([...one.promptMeans]).toEqual([1, 3, 7]);
  expect([...two.values]).toEqual([0, 0, 0, 0, 0, -1]);
  expect(two.first).toBe(6);
  const [kept] = studyCourse([run('one')], series, { keep: 'tokens', afterEnd: 'keep' });
  expect([...kept.promptMeans]).toEqual([50.5, 3, 7]);
  const [means] = studyCourse([run('one')], Float32Array.of(5, 6, 7), { keep: 'prompts', afterEnd: 'drop' });
  expect([...means.promptMeans]).toEqual([5, 6, 7]);
});

test('extremes are of all runs, blocks are neighbours, positions are means over prompts with standard errors', () => {
  const courses = studyCourse([run('one'), run('two')], series, { keep: 'tokens', afterEnd: 'drop' });
  expect(
    rankedPrompts(courses).map(({ course, prompt, row, value }) => [course.run.name, prompt, row, value])[0],
  ).toEqual(['one', 2, 4, 7]);
  const tokens = rankedTokens(courses);
  expect(tokens[0]).toMatchObject({ row: 5, value: 8 });
  expect(tokens.at(-1)).toMatchObject({ value: -1 });
  expect(tokens).toHaveLength(10);
  expect(blocksOf(courses[0])).toEqual([
    { condition: 'rest', first: 0, end: 2 },
    { condition: 'task', first: 2, end: 6 },
  ]);
  const [first, second] = positionMeans(courses.slice(0, 1), 'task');
  expect(first).toEqual({ position: 0, mean: 4, error: 2, prompts: 2 });
  expect(second).toEqual({ position: 1, mean: 6, error: 2, prompts: 2 });
  expect(positionMeans(courses.slice(0, 1), 'rest')).toEqual([{ position: 0, mean: 1, error: Number.NaN, prompts: 1 }]);
});
