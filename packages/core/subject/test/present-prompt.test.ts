import { UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { presentedTemplate, promptPresenter } from '../src/present-prompt.js';

/** A token for each character; <s> is 1, and is put before every text. */
const codes = (text: string) => [...text.replaceAll('<s>', '\u0001')].map((each) => each.codePointAt(0)!);
const tokenizer = {
  encode: (text: string, { bare = false } = {}) => Int32Array.from([...(bare ? [] : [1]), ...codes(text)]),
};
const name = 'model';
const chat = {
  render: (text: string, { system, answer }: { system?: string; answer: boolean }) =>
    `<s>${system ?? ''}[${text.trim()}]${answer ? '>' : ''}`,
};
const shown = (presentation: Parameters<typeof promptPresenter>[0], text: string) => {
  const { tokens, from, until } = promptPresenter(presentation, { tokenizer: { ...tokenizer, chat }, name })(text);
  return [tokens, tokens.subarray(from, until)].map((ids) => String.fromCodePoint(...ids).replaceAll('\u0001', '<s>'));
};

test('without a template a prompt is as it is, and all its own', () => {
  expect(shown({ mode: 'generate' }, ' hello')).toEqual(['<s> hello', '<s> hello']);
});

test.each([
  ['a chat, answered', { mode: 'generate', template: 'chat' }, ['<s>[hello]>', 'hello']],
  ['a chat, read', { mode: 'read', template: 'chat' }, ['<s>[hello]', 'hello']],
  ['a chat with a system text', { mode: 'read', template: 'chat', system: 'be' }, ['<s>be[hello]', 'hello']],
  ['a text', { mode: 'read', template: 'Q: {prompt}\nA:' }, ['<s>Q: hello\nA:', 'hello']],
  [
    'a text that begins with what the tokenizer puts there',
    { mode: 'read', template: '<s>({prompt})' },
    ['<s>(hello)', 'hello'],
  ],
  ['a text with nothing before', { mode: 'read', template: '{prompt}!' }, ['<s>hello!', 'hello']],
] as const)('%s: the prompt’s own tokens are found in it', (_, presentation, expected) => {
  expect(shown(presentation, 'hello')).toEqual(expected);
});

test('a prompt that repeats its template, or is trimmed, or holds $&, is found too', () => {
  const text = { mode: 'read', template: 'ab{prompt}ba' } as const;
  expect(shown(text, 'abba')[1]).toBe('abba');
  expect(shown(text, '$&{prompt}')).toEqual(['<s>ab$&{prompt}ba', '$&{prompt}']);
  expect(shown({ mode: 'read', template: 'chat' }, ' hello\n')[1]).toBe('hello');
});

test('the template is told with {prompt} in the prompt’s place', () => {
  const subject = { tokenizer: { chat }, name };
  expect(presentedTemplate({ mode: 'generate', template: 'chat', system: 'be' }, subject)).toBe('<s>be[{prompt}]>');
  expect(presentedTemplate({ mode: 'generate' }, subject)).toBeUndefined();
});

test('a model without a chat template is refused, and told what to do', () => {
  const ask = () => promptPresenter({ mode: 'generate', template: 'chat' }, { tokenizer, name });
  expect(ask).toThrow(UserMistake);
  expect(ask).toThrow(
    /the model model comes without a chat template.*chat_template\.jinja.*\{prompt\}.*leave template out/,
  );
});
