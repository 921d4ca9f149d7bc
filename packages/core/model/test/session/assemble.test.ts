import { decodeModel } from '@galvani/onnx';
import { expect, test } from 'vitest';
import { buildCheckpointGraph } from '../../src/checkpoint/checkpoint-graph.js';
import { withCheckpoint } from '../../src/checkpoint/checkpoint-subject.js';
import { loadSubject } from '../../src/load-subject.js';
import { assembleModel } from '../../src/session/assemble.js';
import { alteredCheckpoint } from '../altered-checkpoint.js';
import { readReference, referenceModels } from '../reference.js';

test.each([
  ['opt-350m', 'model.decoder.embed_tokens.weight', 'F16'],
  ['qwen3', 'model.embed_tokens.weight', 'BF16'],
])('of %s the rows of the embedding are looked up among the stored 16 bits', async (model, table, dtype) => {
  const nodes = await withCheckpoint(referenceModels[model], async (checkpoint) => {
    const { graph } = buildCheckpointGraph(checkpoint);
    return decodeModel((await assembleModel(graph, { sites: [] }, checkpoint.source)).bytes).graph.node;
  });
  const readers = nodes.filter(({ input }) => input.includes(`weight:${table}`));
  expect(readers.map(({ opType }) => opType).filter((op) => op === 'Gather')).toEqual([]);
  expect(
    nodes.filter(({ opType, input }) => opType === 'Gather' && input[0] === `weight:${table}:${dtype}`),
  ).toHaveLength(1);
});

test('weights that can be mapped may stand beside one that cannot', async () => {
  // An odd number of 16-bit numbers before it puts a float32 tensor where it cannot be mapped.
  const folder = alteredCheckpoint('codegen', {
    tensors(all) {
      const entry = all.get('transformer.h.1.mlp.fc_out.weight')!;
      const wide = Buffer.alloc(2 * entry.data.length);
      for (let at = 0; at < entry.data.length; at += 2) entry.data.copy(wide, 2 * at + 2, at, at + 2);
      Object.assign(entry, { dtype: 'F32', data: wide });
    },
  });
  const weights = await withCheckpoint(folder, async ({ source }) =>
    Promise.all(source.names().map(async (name) => (await source.locateNumbers(name)) !== undefined)),
  );
  expect(new Set(weights)).toEqual(new Set([true, false]));
  const subject = await loadSubject(folder, { threads: 1 });
  const [{ inputIds, generated }] = readReference('codegen');
  const { tokens } = await subject.generate({
    ...{ prompts: [inputIds], newTokens: generated.length, sampling: { method: 'greedy' } },
  });
  expect([...tokens[0]]).toEqual(generated);
  await subject.release();
});
