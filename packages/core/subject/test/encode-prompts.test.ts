import type { Tokenizer } from '@galvani/model';
import { Interrupted, UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { encodePrompts } from '../src/encode-prompts.js';

const events = ['a', 'b', 'c'].map((text) => ({ prompt_id: text, text }));

const subject = (encode: Tokenizer['encode']) => ({
  name: 'model',
  contextLength: 8,
  tokenizer: { size: 9, encode, decode: () => '', token: () => '' },
});

test('prompts come in their order', async () => {
  const encoded = await encodePrompts(
    events,
    subject((text) => Int32Array.of(text.charCodeAt(0) - 97)),
    1,
  );
  expect(encoded.map((ids) => [...ids])).toEqual([[0], [1], [2]]);
});

test.each([
  ['a prompt', () => Int32Array.of(1)],
  [
    'a prompt that fails',
    () => {
      throw new UserMistake('it takes too long');
    },
  ],
])('what comes to the process during %s stops the work after it', async (_, result) => {
  const controller = new AbortController();
  const seen: string[] = [];
  const work = encodePrompts(
    events,
    subject((text) => {
      seen.push(text);
      // As a handler of SIGTERM, which the event loop calls when it is its turn.
      setImmediate(() => controller.abort(new Interrupted('stopped')));
      return result();
    }),
    1,
    { signal: controller.signal },
  );
  await expect(work).rejects.toThrow(Interrupted);
  expect(seen).toEqual(['a']);
});
