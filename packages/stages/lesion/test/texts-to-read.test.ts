import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tokenizer } from '@galvani/model';
import { expect, test } from 'vitest';
import { isReadable, ownTexts, pairTokens, textTokens } from '../src/texts-to-read.js';

/** A token for each word with the space before it, as byte-pair tokenizers have them; `ab` and `abc` are one token each. */
const words = new Map<string, number>();
const encode = (text: string) =>
  Int32Array.from(text.match(/\s*[^\s.]+|\./g) ?? [], (word) => {
    if (!words.has(word)) words.set(word, words.size);
    return words.get(word)!;
  });
const subject = { name: 'a model', contextLength: 6, tokenizer: { encode } as unknown as Tokenizer };
const { signal } = new AbortController();
const pair = (good: string, bad: string, goodContext = '', badContext = goodContext) => ({
  ...{ topic: 'agreement', good, bad, goodContext, badContext, where: 'pairs.csv:2' },
});

test('of a pair with a context what follows it is predicted, with a space between unless punctuation follows', async () => {
  const [good, bad, end] = await pairTokens(
    [pair('are here', 'is', 'the keys'), pair('.', 'is', 'the keys')],
    subject,
    signal,
  );
  expect([good.tokens.length, good.scoredFrom, bad.tokens.length, bad.scoredFrom]).toEqual([4, 2, 3, 2]);
  expect([...good.tokens.subarray(0, 2)]).toEqual([...encode('the keys')]);
  expect([...end.tokens]).toEqual([...encode('the keys.')]);
  const [whole] = await pairTokens([pair('the keys are', 'the keys is')], subject, signal);
  expect(whole.scoredFrom).toBe(1);
});

test('a pair that cannot be scored is told with its line', async () => {
  const split = { ...subject, tokenizer: { encode: (text: string) => Int32Array.of(text.length, 1) } as Tokenizer };
  await expect(pairTokens([pair('b', 'c', 'a')], split, signal)).rejects.toThrow(
    "the good of pairs.csv:2: its context 'a' does not end where a token of a model ends",
  );
  await expect(pairTokens([pair('one', 'one two')], subject, signal)).rejects.toThrow(
    'the good of pairs.csv:2 is one token of a model, which nothing precedes',
  );
  await expect(pairTokens([pair('a b c d e f g', 'a b')], subject, signal)).rejects.toThrow('at most 6 fit');
});

test('a text of one token, or longer than the context, is not readable', () => {
  expect(['a', 'a b', 'a b c d e f', 'a b c d e f g'].map((text) => isReadable(text, subject))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('of a text within a template its own tokens are predicted, with what is before them as context', async () => {
  const presentation = { mode: 'generate', template: 'say {prompt} .' } as const;
  const text = { id: 'one', topic: 'x', text: 'two words', underOthers: true };
  const [{ tokens, scoredFrom }] = await textTokens([text], subject, signal, presentation);
  expect([...tokens]).toEqual([...encode('say two words')]);
  expect(scoredFrom).toBe(1);
  // What is before it is what predicts a single token.
  expect(['a', 'a b c', 'a b c d e'].map((text) => isReadable(text, subject, presentation))).toEqual([
    true,
    true,
    false,
  ]);
});

test('a person’s texts are grouped by topic, and all are read under every lesion', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'galvani-texts-'));
  const path = join(folder, 'own.csv');
  await writeFile(path, 'topic,text\nx,one two\ny,three four\nx,"five, six"\n');
  const texts = await ownTexts(path);
  expect(texts.map(({ topic, text, underOthers }) => [topic, text, underOthers])).toEqual([
    ['x', 'one two', true],
    ['x', 'five, six', true],
    ['y', 'three four', true],
  ]);
  await rm(folder, { recursive: true });
});
