import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openModelTokenizer } from '@galvani/model';
import { type Prompt, planStudy, readLesionPairs, readPromptBank, readStudyFile } from '@galvani/study';
import { describe, expect, test } from 'vitest';

const home = fileURLToPath(new URL('../', import.meta.url));
const tokenizer = (await openModelTokenizer(join(home, 'data/models/frog')))!;
const words = (text: string) => text.split(' ');
const tokens = (text: string) => tokenizer.encode(text).length;
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

type Pair = [Prompt, Prompt];

/** Prompts of the task and of rest with the same number. */
async function pairsOf(study: string): Promise<Pair[]> {
  const bank = await readPromptBank(join(home, 'pipelines', study, 'prompts.csv'));
  const { parameters } = await planStudy(await readStudyFile(join(home, 'pipelines', study, 'study.yaml')));
  const { tasks, restTopics } = parameters.design;
  const [on, off] = [tasks, restTopics].map((topics) => bank.filter(({ topic }) => topics.includes(topic)));
  expect(bank.length).toBe(on.length + off.length);
  return on.map((prompt, i): Pair => [prompt, off[i]]);
}

describe.each(['language', 'multiple-demand', 'theory-of-mind', 'syntax'])('%s', async (study) => {
  const pairs = await pairsOf(study);

  test('conditions have equally many prompts, matched one by one in form, words and tokens', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(24);
    for (const [on, off] of pairs) {
      expect(on.id.split('-').at(-1)).toBe(off.id.split('-').at(-1));
      expect(on.form).toBe(off.form);
      expect(words(on.text).length, on.text).toBe(words(off.text).length);
      expect(Math.abs(tokens(on.text) - tokens(off.text)), on.text).toBeLessThanOrEqual(2);
    }
    const [on, off] = [0, 1].map((k) => mean(pairs.map((pair) => tokens(pair[k].text))));
    expect(Math.abs(on - off) / off).toBeLessThan(0.02);
  });
});

const last = (text: string) => words(text).at(-1);

test('sentences and nonwords are twelve words in lower case, and no nonword is a word of a sentence', async () => {
  const pairs = await pairsOf('language');
  const known = new Set(pairs.flatMap(([{ text }]) => words(text)));
  for (const prompt of pairs.flat()) expect(prompt.text).toMatch(/^[a-z]+( [a-z]+){11}$/);
  for (const [, { text }] of pairs) for (const word of words(text)) expect(known.has(word), word).toBe(false);
});

test('hard and easy problems have the same digits, and the hard ones borrow', async () => {
  for (const [hard, easy] of await pairsOf('multiple-demand')) {
    const numbers = ({ text }: Prompt) => (text.match(/\d+/g) ?? []).map(Number).sort((a, b) => b - a);
    const [[a, b], [c, d]] = [numbers(hard), numbers(easy)];
    expect(a % 10).toBeLessThan(b % 10);
    expect(c % 10).toBeGreaterThan(d % 10);
    expect([a + (c % 10) - (a % 10), b + (d % 10) - (b % 10), a % 10]).toEqual([c, d, d % 10]);
    expect(hard.text.replaceAll(/\d+/g, '0')).toBe(easy.text.replaceAll(/\d+/g, '0'));
  }
});

test.each(['theory-of-mind', 'syntax'])('%s: the two of a pair end with the same word', async (study) => {
  for (const [on, off] of await pairsOf(study)) expect(last(on.text)).toBe(last(off.text));
});

test('pairs for the lesion of syntax are matched as its prompts are, and none of them is a prompt', async () => {
  const prompts = (await pairsOf('syntax')).flat();
  const shown = new Set(prompts.map(({ text }) => text));
  const pairs = await readLesionPairs(join(home, 'pipelines/syntax/pairs.csv'));
  expect(pairs).toHaveLength(64);
  expect(new Set(pairs.flatMap(({ good, bad }) => [good, bad])).size).toBe(2 * pairs.length);
  for (const { good, bad } of pairs) {
    expect(words(good).length, good).toBe(words(bad).length);
    expect([words(good)[0], last(good)], good).toEqual([words(bad)[0], last(bad)]);
    expect(Math.abs(tokens(good) - tokens(bad)), good).toBeLessThanOrEqual(2);
    for (const text of [good, bad]) expect(shown.has(text), text).toBe(false);
  }
  const [good, bad] = [mean(pairs.map((own) => tokens(own.good))), mean(pairs.map((own) => tokens(own.bad)))];
  expect(Math.abs(good - bad) / bad).toBeLessThan(0.02);
});
