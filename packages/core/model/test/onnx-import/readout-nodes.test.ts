import { encodeModel, InferenceSession, Tensor, valueInfo } from '@galvani/onnx';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  entropiesOutput,
  logProbabilitiesOutput,
  readoutFeed,
  readoutParts,
  temperedOutput,
} from '../../src/onnx-import/readout-nodes.js';

const vocabulary = 7;
let session: InferenceSession;

beforeAll(async () => {
  const { node, input, output, initializer } = readoutParts('logits', vocabulary);
  const logits = valueInfo('logits', 'float32', ['rows', 'positions', vocabulary]);
  const graph = { name: 'readout', node, input: [logits, ...input], output, initializer };
  const bytes = encodeModel({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph } as never);
  session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
});

/** What the graph reads off the logits of some rows. */
async function read(rows: readonly (readonly number[])[], temperature?: number) {
  const logits = new Tensor('float32', Float32Array.from(rows.flat()), [rows.length, 1, vocabulary]);
  const outputs = await session.run({ logits, ...readoutFeed(temperature) });
  const numbers = (name: string) => [...(outputs[name].data as Float32Array)];
  return {
    logProbabilities: numbers(logProbabilitiesOutput),
    entropies: numbers(entropiesOutput),
    tempered: numbers(temperedOutput),
  };
}

/** Probabilities in float64. */
function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

const logit = fc.oneof(
  { weight: 4, arbitrary: fc.float({ min: -20, max: 20, noNaN: true }) },
  fc.constant(Number.NEGATIVE_INFINITY),
);
// One token at least can be said.
const row = fc
  .tuple(fc.float({ min: -20, max: 20, noNaN: true }), fc.array(logit, { minLength: 6, maxLength: 6 }))
  .map(([first, rest]) => [first, ...rest]);

test('log probabilities, entropies and tempered probabilities are those of float64', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 4 }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      async (rows, temperature) => {
        const found = await read(rows, temperature);
        for (const [r, own] of rows.entries()) {
          const probabilities = softmax(own);
          const tempered = softmax(own.map((value) => value / temperature));
          const entropy = probabilities.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
          expect(Math.abs(found.entropies[r] - entropy)).toBeLessThan(1e-5);
          for (const [i, p] of probabilities.entries()) {
            const at = r * vocabulary + i;
            if (own[i] === Number.NEGATIVE_INFINITY) expect(found.logProbabilities[at]).toBe(Number.NEGATIVE_INFINITY);
            else expect(Math.abs(found.logProbabilities[at] - Math.log(p))).toBeLessThan(1e-4);
            expect(Math.abs(found.tempered[at] - tempered[i])).toBeLessThan(1e-4);
          }
        }
      },
    ),
  );
});

test('at no temperature there are no tempered probabilities, and what is no number is told by the entropy', async () => {
  const found = await read([
    [1, 2, 3, 4, 5, 6, 7],
    [1, 2, Number.NaN, 4, 5, 6, 7],
  ]);
  expect(found.tempered).toEqual([]);
  expect(found.entropies[0]).toBeGreaterThan(0);
  expect(found.entropies[1]).toBeNaN();
});
