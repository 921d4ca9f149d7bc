import { decodeModel } from '@galvani/onnx';
import { expect, test } from 'vitest';
import { buildCheckpointGraph } from '../../src/checkpoint/checkpoint-graph.js';
import { withCheckpoint } from '../../src/checkpoint/checkpoint-subject.js';
import { assembleModel } from '../../src/session/assemble.js';
import { referenceModels } from '../reference.js';

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
