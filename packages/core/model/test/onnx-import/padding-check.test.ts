import type { InferenceSession, Tensor } from '@galvani/onnx';
import { expect, test } from 'vitest';
import type { ImportedGenerator } from '../../src/onnx-import/imported-generator.js';
import { createPaddingCheck } from '../../src/onnx-import/padding-check.js';
import { generatorOf } from './opened-generator.js';

const textsOf = (...lengths: number[]) => lengths.map((length) => new Int32Array(length).fill(5));
const paddingOf = (generator: ImportedGenerator, lengths = [2, 6], newTokens = 2) =>
  createPaddingCheck(generator, false).ofPrompts({ prompts: textsOf(...lengths), newTokens });
const readTogether = (generator: ImportedGenerator, ...lengths: number[]) =>
  createPaddingCheck(generator, false).ofTexts({ texts: textsOf(...lengths) });

test.each([
  ['opt-past', 'front', 'positions counted in the mask'],
  ['llama-past', 'front', 'positions as an input'],
  ['gpt2-plain', 'behind', 'positions counted from the first column, no cached keys and values'],
  ['qwen3-built', 'behind', 'an attention that counts the tokens that are not masked'],
])('%s bears padding %s (%s)', async (name, padding) => {
  const generator = await generatorOf(name);
  for (const lengths of [
    [2, 6],
    [1, 2],
    [1, 30],
    [17, 20],
  ])
    expect(await paddingOf(generator, lengths)).toBe(padding);
  expect(await paddingOf(generator, [2, 30], 20)).toBe(padding);
  await generator.session.release();
});

/** The session as that of a file which does something else with an input. */
function feeding(session: InferenceSession, name: string, change: (given: Tensor) => void): InferenceSession {
  const run: InferenceSession['run'] = (feeds: Record<string, Tensor>, ...rest: unknown[]) => {
    change(feeds[name]);
    return session.run(feeds, ...(rest as [string[]]));
  };
  const { inputNames, outputNames } = session;
  return { inputNames, outputNames, run } as InferenceSession;
}

test('a file that does not look at the mask bears no padding', async () => {
  const generator = await generatorOf('llama-past');
  const { session } = generator;
  const unmasked = feeding(session, 'attention_mask', (mask) => (mask.data as BigInt64Array).fill(1n));
  expect(await paddingOf({ ...generator, session: unmasked })).toBeUndefined();
  await session.release();
});

test('one that counts by column bears it in front if it looks at distances alone', async () => {
  const generator = await generatorOf('llama-past');
  const { session } = generator;
  let cached = 0n;
  const byColumn = feeding(session, 'position_ids', ({ data, dims }) => {
    cached = dims[1] === 1 ? cached + 1n : BigInt(dims[1]) - 1n;
    for (let i = 0; i < data.length; i++) data[i] = dims[1] === 1 ? cached : BigInt(i % dims[1]);
  });
  expect(await paddingOf({ ...generator, session: byColumn })).toBe('front');
  await session.release();
});

test('one that cannot have it in front has none behind either where padding would stay among cached keys and values', async () => {
  const generator = await generatorOf('llama-past');
  const { session } = generator;
  // As a mask of infinities makes NaN of padding that sees nothing.
  const refusing = feeding(session, 'attention_mask', ({ data }) => {
    if (data[0] === 0n) throw new Error('nothing to attend to');
  });
  expect(await paddingOf({ ...generator, session: refusing })).toBeUndefined();
  await session.release();
});

test('one that computes otherwise where a text of the batch is long bears padding among shorter ones', async () => {
  const generator = await generatorOf('llama-past');
  const { session } = generator;
  // As rotary positions are scaled for contexts beyond those that a model was first trained with.
  const switching = feeding(session, 'position_ids', ({ data }) => {
    const positions = data as BigInt64Array;
    if (positions.some((position) => position > 20n))
      for (const [i, position] of positions.entries()) positions[i] = 2n * position;
  });
  const bearing = { ...generator, session: switching };
  expect(await paddingOf(bearing, [8, 14])).toBe('front');
  expect(await paddingOf(bearing, [8, 24])).toBeUndefined();
  expect(await paddingOf(bearing, [8, 14], 16)).toBeUndefined();
  expect(await readTogether(bearing, 8, 14)).toBe(true);
  expect(await readTogether(bearing, 8, 24)).toBe(false);
  await session.release();
});

test.each(['gpt2-plain', 'opt-past', 'llama-past', 'qwen3-built', 'rewritten/bert-encoder'])(
  'texts of unequal length are read together by %s',
  async (name) => {
    const generator = await generatorOf(name);
    expect(await readTogether(generator, 3, 5)).toBe(true);
    await generator.session.release();
  },
);

test('texts are read alone by an encoder that does not look at the mask', async () => {
  const generator = await generatorOf('rewritten/bert-encoder');
  const { session } = generator;
  const unmasked = feeding(session, 'attention_mask', (mask) => (mask.data as BigInt64Array).fill(1n));
  expect(await readTogether({ ...generator, session: unmasked }, 3, 5)).toBe(false);
  expect(await readTogether({ ...generator, session: unmasked }, 5)).toBe(false);
  await session.release();
});
