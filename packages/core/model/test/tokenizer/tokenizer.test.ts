import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Interrupted, UserMistake } from '@galvani/terminal';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withinTime } from '../../src/tokenizer/bounded-time.js';
import { openTokenizer } from '../../src/tokenizer/tokenizer.js';

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(join(fixtures, name), 'utf8'));
const texts: string[] = read('texts.json');
const expected: Record<string, { ids: number[]; text: string }[]> = read('expected.json');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-tokenizer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(Object.keys(expected))('a tokenizer of the kind of %s', (kind) => {
  test('gives the ids of the Rust crate on hard text', async () => {
    const tokenizer = (await openTokenizer(join(fixtures, kind)))!;
    const ids = texts.map((text) => [...tokenizer.encode(text)]);
    expect(ids).toEqual(expected[kind].map((e) => e.ids));
  });

  test('decodes as the Rust crate', async () => {
    const tokenizer = (await openTokenizer(join(fixtures, kind)))!;
    expect(expected[kind].map(({ ids }) => tokenizer.decode(ids))).toEqual(expected[kind].map((e) => e.text));
  });
});

test('byte-level text survives encoding and decoding', async () => {
  const tokenizer = (await openTokenizer(join(fixtures, 'gpt2')))!;
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }),
  );
});

test('a galactica tokenizer adds no token, an opt tokenizer starts with </s>', async () => {
  const galactica = (await openTokenizer(join(fixtures, 'galactica')))!;
  const opt = (await openTokenizer(join(fixtures, 'opt')))!;
  expect(galactica.encode('').length).toBe(0);
  expect(galactica.token(galactica.encode('fossil')[0])).not.toMatch(/^<|^\[/);
  expect(opt.token(opt.encode('fossil')[0])).toBe('</s>');
});

test('tokens have names, a size, and none beyond the vocabulary', async () => {
  const tokenizer = (await openTokenizer(join(fixtures, 'gpt2')))!;
  expect(tokenizer.size).toBe(600);
  expect(tokenizer.token(0)).toBe('<|endoftext|>');
  expect(tokenizer.token(600)).toBe('');
  expect(tokenizer.decode([600, 50_000])).toBe('');
});

/** A tokenizer whose tokens are whole words, at their places in the list. */
async function openWords(words: string[], splitting: string, more: Record<string, unknown> = {}) {
  const there = mkdtempSync(join(folder, 'words-'));
  const vocab = Object.fromEntries(['<unk>', ...words].map((word, i) => [word, i]));
  const model = { type: 'WordLevel', vocab, unk_token: '<unk>' };
  writeFileSync(join(there, 'tokenizer.json'), JSON.stringify({ model, pre_tokenizer: { type: splitting, ...more } }));
  return (await openTokenizer(there))!;
}

// What the Rust crate makes of the text.
test.each([
  [
    'Whitespace',
    [
      'naïve',
      'fine_x',
      'étude',
      '!',
      '½²',
      '👩',
      '\u200d',
      '👩',
      'नमस्ते',
      'а',
      '-',
      'б',
      'a',
      'b',
      'c',
      '\ufeff',
      'd',
      'x',
      'y',
    ],
  ],
  ['WhitespaceSplit', ['naïve', 'fine_x', 'étude!', '½²', '👩\u200d👩', 'नमस्ते', 'а-б', 'a', 'b', 'c\ufeffd', 'x', 'y']],
])('%s knows letters and white space of all scripts', async (splitting, words) => {
  const known = [...new Set(words)];
  const tokenizer = await openWords(known, splitting);
  const text = 'naïve fine_x étude! ½² 👩\u200d👩 नमस्ते а-б a\u0085b c\ufeffd x\u00a0y';
  expect([...tokenizer.encode(text)].map((id) => known[id - 1])).toEqual(words);
});

test('BertPreTokenizer knows punctuation and white space of all scripts', async () => {
  const words = [
    'fine',
    '_',
    'x',
    'étude',
    '!',
    '👩\u200d👩',
    'а',
    '-',
    'б',
    'a',
    'b',
    'c\ufeffd',
    'y',
    '$',
    '5',
    '«',
    'z',
    '»',
  ];
  const tokenizer = await openWords(words, 'BertPreTokenizer');
  const ids = tokenizer.encode('fine_x étude! 👩\u200d👩 а-б a\u0085b c\ufeffd\u00a0y $5 «z»');
  expect([...ids].map((id) => words[id - 1])).toEqual(words);
});

test('FixedLength counts characters, an emoji as one', async () => {
  const words = ['ab👩', 'cdé', '👩fg', ' h'];
  const tokenizer = await openWords(words, 'FixedLength', { length: 3 });
  expect([...tokenizer.encode('ab👩cdé👩fg h')]).toEqual([1, 2, 3, 4]);
  const usual = await openWords(['ab👩cd', 'é👩fg ', 'h'], 'FixedLength');
  expect([...usual.encode('ab👩cdé👩fg h')]).toEqual([1, 2, 3]);
});

test('a list of words has a token for those that are not in it', async () => {
  const tokenizer = await openWords(['naïve', 'fine'], 'Whitespace');
  expect([...tokenizer.encode('naïve fine flour')]).toEqual([1, 2, 0]);
  expect(tokenizer.decode([1, 2, 0])).toBe('naïve fine <unk>');
});

test('a folder without tokenizer.json has no tokenizer', async () => {
  expect(await openTokenizer(folder)).toBeUndefined();
});

describe('a tokenizer.json that is not one is refused with a sentence', () => {
  const good = read('gpt2/tokenizer.json');
  test.each([
    ['text', 'hello'],
    ['an empty file', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['a vocabulary of the wrong type', JSON.stringify({ ...good, model: { ...good.model, vocab: 3 } })],
    ['an id that is no number', JSON.stringify({ ...good, model: { ...good.model, vocab: { a: 'x' } } })],
    ['an id that needs gigabytes', JSON.stringify({ ...good, model: { ...good.model, vocab: { a: 4e9 } } })],
    ['a negative id', JSON.stringify({ ...good, model: { ...good.model, vocab: { a: -1 } } })],
    ['an unknown model', JSON.stringify({ ...good, model: { type: 'Telepathy' } })],
    ['an unknown step', JSON.stringify({ ...good, pre_tokenizer: { type: 'Guess' } })],
    ['merges of the wrong type', JSON.stringify({ ...good, model: { ...good.model, merges: [[1, 2]] } })],
    ['a broken added token', JSON.stringify({ ...good, added_tokens: [{ id: 1 }] })],
    ['a broken pattern', JSON.stringify({ ...good, pre_tokenizer: { type: 'Split', pattern: { Regex: '(' } } })],
  ])('%s', async (_, text) => {
    writeFileSync(join(folder, 'tokenizer.json'), text);
    await expect(openTokenizer(folder)).rejects.toThrow(UserMistake);
    await expect(openTokenizer(folder)).rejects.toThrow(/tokenizer\.json.*\.$/s);
  });

  test('a folder in its place', async () => {
    rmSync(join(folder, 'tokenizer.json'), { force: true });
    mkdirSync(join(folder, 'tokenizer.json'));
    await expect(openTokenizer(folder)).rejects.toThrow(UserMistake);
    rmSync(join(folder, 'tokenizer.json'), { recursive: true });
  });

  test('any damage to a good file gives a tokenizer or a sentence', async () => {
    const text = JSON.stringify({ ...good, model: { ...good.model, merges: good.model.merges.slice(0, 20) } });
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length), fc.nat(60), fc.string({ maxLength: 6 }), async (at, cut, more) => {
        writeFileSync(join(folder, 'tokenizer.json'), text.slice(0, at) + more + text.slice(at + cut));
        try {
          const tokenizer = await openTokenizer(folder);
          tokenizer!.decode(tokenizer!.encode('Fossils of 1200 BCE.'));
        } catch (error) {
          expect(error).toBeInstanceOf(UserMistake);
        }
      }),
      { numRuns: 150, seed: 1 },
    );
  });
});

test('vocab.json of another class than GPT-2’s is no tokenizer, a broken one is refused', async () => {
  const there = mkdtempSync(join(folder, 'files-'));
  writeFileSync(join(there, 'vocab.json'), '{"a": 0, "b": 1}');
  expect(await openTokenizer(there)).toBeUndefined();
  writeFileSync(join(there, 'merges.txt'), '#version: 0.2\n');
  expect([...(await openTokenizer(there))!.encode('ab')]).toEqual([0, 1]);
  writeFileSync(join(there, 'tokenizer_config.json'), '{"tokenizer_class": "CLIPTokenizer"}');
  expect(await openTokenizer(there)).toBeUndefined();
  writeFileSync(join(there, 'tokenizer_config.json'), '{}');
  for (const text of ['[', '[]', '{"a": "b"}', 'null']) {
    writeFileSync(join(there, 'vocab.json'), text);
    await expect(openTokenizer(there)).rejects.toThrow(UserMistake);
  }
});

describe('a pattern that tries the same letters in endlessly many ways', () => {
  const good = read('qwen/tokenizer.json');
  const hostile = { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated', invert: false };
  const text = `${'a'.repeat(60)}!`;

  test('is stopped by Ctrl-C', async () => {
    const there = mkdtempSync(join(folder, 'endless-'));
    writeFileSync(join(there, 'tokenizer.json'), JSON.stringify({ ...good, pre_tokenizer: hostile }));
    const tokenizer = (await openTokenizer(there))!;
    expect(tokenizer.encode('banana').length).toBeGreaterThan(0);
    spawn('sh', ['-c', `sleep 0.3; kill -INT ${process.pid}`]);
    expect(() => tokenizer.encode(text)).toThrow(Interrupted);
    expect(tokenizer.encode('banana').length).toBeGreaterThan(0);
  });

  test('is stopped by the clock', () => {
    const late = () => new UserMistake('late');
    expect(() => withinTime(0.1, () => /(a+)+$/.test(text), late)).toThrow('late');
    expect(withinTime(0.1, () => withinTime(0.1, () => 3, late) + 1, late)).toBe(4);
    expect(() => withinTime(5, () => JSON.parse('['), late)).toThrow(SyntaxError);
  });
});
