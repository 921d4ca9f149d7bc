import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserMistake } from '@galvani/terminal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTokenizer } from '../../src/tokenizer/tokenizer.js';

interface Case {
  message: string;
  system: string | null;
  answer: boolean;
  text?: string;
  ids?: number[];
  refused?: string;
}

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
const kinds = readdirSync(join(fixtures, 'chat')).map((name) => name.replace('.json', ''));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-chat-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function place(kind: string) {
  const found = JSON.parse(readFileSync(join(fixtures, 'chat', `${kind}.json`), 'utf8'));
  const at = mkdtempSync(join(folder, kind));
  copyFileSync(join(fixtures, found.tokenizer, 'tokenizer.json'), join(at, 'tokenizer.json'));
  writeFileSync(join(at, 'tokenizer_config.json'), JSON.stringify(found.config));
  if (found.jinja) writeFileSync(join(at, 'chat_template.jinja'), found.jinja);
  return { at, cases: found.cases as Case[] };
}

describe.each(kinds)('a chat template of the kind of %s', (kind) => {
  test('gives the text and the ids of apply_chat_template, and refuses what it refuses', async () => {
    const { at, cases } = place(kind);
    const { chat, encode } = (await openTokenizer(at))!;
    for (const { message, system, answer, text, ids, refused } of cases) {
      const render = () => chat!.render(message, { system: system ?? undefined, answer });
      if (refused !== undefined) {
        expect(render).toThrow(UserMistake);
        expect(render).toThrow(`${refused}. If it knows no system text, leave out prompts.system`);
      } else {
        expect(render()).toBe(text);
        expect([...encode(render(), { bare: true })]).toEqual(ids);
      }
    }
  });
});

test('what the tokenizer would add in front is there once', async () => {
  const { at, cases } = place('llama3');
  const { encode } = (await openTokenizer(at))!;
  const { text, ids } = cases[0];
  const bos = ids![0];
  expect([...encode(text!)]).toEqual([bos, ...ids!]);
  expect([...encode(text!, { bare: true })].filter((id) => id === bos)).toEqual([bos]);
});

test('chat_template.jinja goes before tokenizer_config.json', async () => {
  const { at } = place('mistral');
  writeFileSync(join(at, 'chat_template.jinja'), '<{{ messages[0].content }}>');
  expect((await openTokenizer(at))!.chat!.render('hello', { answer: true })).toBe('<hello>');
});

test('without a template there is none, and one that fails is a sentence', async () => {
  const { at } = place('mistral');
  writeFileSync(join(at, 'tokenizer_config.json'), '{}');
  expect((await openTokenizer(at))!.chat).toBeUndefined();
  for (const broken of ['{% if %}', '{{ raise_exception("no") }}', '{{ nothing() }}', '{% for x in messages %}']) {
    writeFileSync(join(at, 'chat_template.jinja'), broken);
    const { chat } = (await openTokenizer(at))!;
    expect(() => chat!.render('x', { answer: false })).toThrow(UserMistake);
    expect(() => chat!.render('x', { answer: false })).toThrow(/chat_template\.jinja: the chat template does not take/);
  }
});
