import { describe, expect, test } from 'vitest';
import { describeSubject, openLossSubject, type Subject } from '../src/index.js';
import { readReference, referenceModels, relativeDifference } from './reference.js';
import { withSubject } from './with-subject.js';

const long = Int32Array.from({ length: 60 }, (_, i) => 4 + ((i * i) % 90));

/** Every site's numbers at all positions of each text, and log probabilities. */
async function readAll(subject: Subject, all: Int32Array[], passagesOf?: { width: number; kind: 'linear' }[]) {
  const found = all.map(() => ({ sites: new Map<string, number[]>(), logs: [] as number[], passages: 0 }));
  await subject.read({
    texts: all,
    passagesOf,
    onPassage({ text, sites, logProbabilities }) {
      found[text].passages++;
      found[text].logs.push(...logProbabilities);
      for (const [name, values] of sites)
        found[text].sites.set(name, [...(found[text].sites.get(name) ?? []), ...values]);
    },
  });
  return found;
}

describe.each(['qwen3-5', 'qwen3-next', 'mamba', 'falcon-mamba', 'mamba2', 'lfm2'])(
  'a model that carries states from token to token, %s',
  (model) => {
    const path = referenceModels[model];
    /** Texts as the reference wrote them. */
    const texts = readReference(model).map(({ inputIds, generated }) =>
      Int32Array.of(...inputIds, ...generated.slice(0, -1)),
    );

    test('reads what it would write, in a batch of unequal texts', async () => {
      await withSubject(path, async (subject) => {
        const found = await readAll(subject, texts);
        for (const [t, { sites }] of readReference(model).entries())
          for (const [site, expected] of sites)
            expect(relativeDifference(found[t].sites.get(site)!.slice(-expected.length), expected), site).toBeLessThan(
              1e-4,
            );
      });
    });

    test('goes on from its state where a text is read in parts, and begins anew with the next', async () => {
      await withSubject(path, async (subject) => {
        const [whole] = await readAll(subject, [long]);
        const parts = await readAll(subject, [long, long], [{ width: 1 << 22, kind: 'linear' }]);
        expect([whole.passages, parts[0].passages]).toEqual([1, 4]);
        for (const { sites } of parts)
          for (const [site, values] of whole.sites)
            expect(relativeDifference(sites.get(site)!, values), site).toBeLessThan(1e-4);
      });
    });

    test('gives texts read as copies the losses that they have alone', async () => {
      const read = await withSubject(path, (subject) => readAll(subject, texts));
      const subject = await openLossSubject(path, {});
      const losses = await subject.losses({ texts, changes: [[], []] });
      await subject.release();
      for (const [t, { logs }] of read.entries()) {
        const expected = -logs.slice(1).reduce((sum, log) => sum + log, 0) / (logs.length - 1);
        for (const own of losses) expect(own[t]).toBeCloseTo(expected, 5);
      }
    });
  },
);

test('has states whose size a description says', async () => {
  const { cacheBytes, stateBytes } = await describeSubject(referenceModels['qwen3-5']);
  // One block of attention, 2 heads of 16 keys and values; three states of 4 x 8 x 12 and 3 inputs of 2 x 16 + 48 channels.
  expect([cacheBytes, stateBytes]).toEqual([4 * 2 * 2 * 16, 3 * 4 * (4 * 8 * 12 + 3 * 80)]);
});
