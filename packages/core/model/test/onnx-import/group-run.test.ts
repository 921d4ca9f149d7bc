import { type InferenceSession, runsInPlace } from '@galvani/onnx';
import { expect, test } from 'vitest';
import { generateImported } from '../../src/onnx-import/generate-imported.js';
import type { ImportedGenerator } from '../../src/onnx-import/imported-generator.js';
import { groupPrompts } from '../../src/onnx-import/prompt-groups.js';
import { generatorOf } from './opened-generator.js';

const prompts = [[5, 6, 7], [8, 9], [3, 4, 11], [12]].map((ids) => Int32Array.from(ids));

/** All that is generated: what steps hand out, and what is returned. */
async function generated(generator: ImportedGenerator, padding?: 'front' | 'behind', texts = prompts) {
  const steps: unknown[] = [];
  const generation = await generateImported(
    generator,
    {
      ...{ prompts: texts, newTokens: 5, distributions: true },
      sampling: { method: 'sample', temperature: 0.8, seed: 1 },
      // Memory is not the step's any more once the promise is resolved, so it is read as late as that.
      async onStep({ sites, distributions, tokens }) {
        const given = distributions!.slice();
        // The next run is over by then.
        for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
        steps.push({
          tokens,
          distributions: given,
          sites: new Map([...sites].map(([name, own]) => [name, own.slice()])),
        });
      },
    },
    groupPrompts(texts, Number.POSITIVE_INFINITY, padding),
  );
  return { steps, generation };
}

/** The generator with a session that counts its runs in place, and of which `refuses` fails those it is true of. */
function watched(generator: ImportedGenerator, refuses: (inPlace: number) => boolean = () => false) {
  const { session } = generator;
  const { inputNames, outputNames } = session;
  const seen = { inPlace: 0, plain: 0 };
  const run = async (feeds: InferenceSession.FeedsType, fetches: InferenceSession.FetchesType, options?: object) => {
    if (Array.isArray(fetches)) seen.plain++;
    else if (refuses(++seen.inPlace)) throw new Error('Shape mismatch attempting to re-use buffer.');
    return session.run(feeds, fetches, options);
  };
  const watching = { inputNames, outputNames, run } as unknown as InferenceSession;
  return { seen, generator: { ...generator, session: watching, growth: {} } };
}

test.each([
  ['opt-past', 'front'],
  ['llama-past', 'front'],
  ['qwen3-built', 'behind'],
  ['opt-half', undefined],
  ['gpt2-plain', 'behind'],
] as const)('%s gives the same in memory that was made before', async (name, padding) => {
  const generator = await generatorOf(name);
  expect(runsInPlace(generator.session)).toBe(true);
  const plain = await generated({ ...generator, session: withoutSequence(generator.session), growth: {} }, padding);
  const { seen, generator: watching } = watched(generator);
  // At first it is not known how keys and values grow, and then memory is used again.
  for (let time = 0; time < 3; time++) expect(await generated(watching, padding), `time ${time}`).toEqual(plain);
  const longer = prompts.map((own) => Int32Array.from([...own, ...own, 2]));
  const { seen: alone, generator: fresh } = watched(generator);
  expect(await generated(watching, padding, longer)).toEqual(await generated(fresh, padding, longer));
  expect(seen.inPlace).toBeGreaterThan(seen.plain);
  expect(alone.plain).toBeLessThanOrEqual(2 * groupPrompts(longer, Number.POSITIVE_INFINITY, padding).length);
  await generator.session.release();
});

/** The session as that of a graph that has no sequences. */
function withoutSequence(session: InferenceSession): InferenceSession {
  const { inputNames } = session;
  const run = (...args: Parameters<InferenceSession['run']>) => session.run(...args);
  return { inputNames, outputNames: [] as readonly string[], run } as InferenceSession;
}

test('keys and values that are not as large as they were are fetched as they come', async () => {
  const generator = await generatorOf('llama-past');
  const { generator: undisturbed } = watched(generator);
  const expected = await generated(undisturbed, 'front');
  const { seen, generator: shrinking } = watched(generator, (inPlace) => inPlace === 3);
  expect(await generated(shrinking, 'front')).toEqual(expected);
  expect(seen.inPlace).toBe(3);
  expect(shrinking.growth.later).toBe(false);
  // From then on nothing is tried again.
  expect(await generated(shrinking, 'front')).toEqual(expected);
  expect(seen.inPlace).toBe(4);
  await generator.session.release();
});
