import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserMistake } from '@galvani/terminal';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openTokenizer } from '../../src/tokenizer/tokenizer.js';

interface Beside {
  name: string;
  kind: string;
  files: Record<string, object>;
  ids: number[][];
}

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
const { texts, cases } = JSON.parse(readFileSync(join(fixtures, 'beside.json'), 'utf8')) as {
  texts: string[];
  cases: Beside[];
};

function folderOf({ kind, files }: Pick<Beside, 'kind' | 'files'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'galvani-beside-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(fixtures, kind, 'tokenizer.json'), join(folder, 'tokenizer.json'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
  return folder;
}

describe('files beside tokenizer.json give the ids of AutoTokenizer', () => {
  test.each(cases)('$kind: $name', async ({ ids, ...beside }) => {
    const tokenizer = (await openTokenizer(folderOf(beside)))!;
    expect(texts.map((text) => [...tokenizer.encode(text)])).toEqual(ids);
  });
});

describe('what is not done is refused', () => {
  const config = (more: object, kind = 'qwen') => ({ kind, files: { 'tokenizer_config.json': more } });
  test.each<[string, Pick<Beside, 'kind' | 'files'>, RegExp]>([
    [
      'a token with another id than it gets',
      config({ added_tokens_decoder: { 700: { content: '<|im_start|>' } } }),
      /"<\|im_start\|>" is declared with the id 700, and tokenizer\.json gives it 600/,
    ],
    [
      'the same in added_tokens.json',
      { kind: 'qwen', files: { 'added_tokens.json': { '<|im_start|>': 601 } } },
      /declared with the id 601/,
    ],
    [
      'an id that is no number',
      { kind: 'qwen', files: { 'added_tokens.json': { '<|im_start|>': 'x' } } },
      /added_tokens\.json gives "<\|im_start\|>" no whole number/,
    ],
    [
      'a token without content',
      config({ added_tokens_decoder: { 600: {} } }),
      /added_tokens_decoder\.600 is not a token/,
    ],
    [
      'tokens that match words only',
      config({ added_tokens_decoder: { 600: { content: '<|im_start|>', single_word: true } } }),
      /matches single words only/,
    ],
    ['split_special_tokens', config({ split_special_tokens: true }), /split_special_tokens is true/],
    [
      'a space that Metaspace adds',
      config({ add_prefix_space: false, tokenizer_class: 'LlamaTokenizer' }, 'metaspace'),
      /add_prefix_space is false, and tokenizer\.json adds a space/,
    ],
    [
      'a space that Prepend adds',
      config({ add_prefix_space: false, tokenizer_class: 'LlamaTokenizer' }, 'llama'),
      /add_prefix_space is false, and tokenizer\.json adds a space/,
    ],
  ])('%s', async (_, beside, sentence) => {
    const folder = folderOf(beside);
    await expect(openTokenizer(folder)).rejects.toThrow(sentence);
    await expect(openTokenizer(folder)).rejects.toThrow(UserMistake);
  });
});
