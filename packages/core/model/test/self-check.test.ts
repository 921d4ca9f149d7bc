import { expect, test } from 'vitest';
import { selfCheck } from '../src/index.js';
import { referenceModels } from './reference.js';

const prompts = [Int32Array.of(5, 7, 9), Int32Array.of(44), Int32Array.from({ length: 20 }, (_, i) => 4 + i)];

test.each(Object.keys(referenceModels))('%s is recorded as it computes', async (model) => {
  const { difference } = await selfCheck(referenceModels[model], prompts, { threads: 1 });
  expect(difference).toBeLessThan(1e-4);
});
