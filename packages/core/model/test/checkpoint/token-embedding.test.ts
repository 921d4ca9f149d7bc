import { expect, test } from 'vitest';
import { readTokenEmbedding } from '../../src/index.js';
import { alteredCheckpoint, renameTensors } from '../altered-checkpoint.js';
import { readReference, referenceModels, relativeDifference } from '../reference.js';

const embedding = /(^|\.)(embed_tokens|wte|embed_in|word_embeddings|tokens_embed|backbone\.embeddings)$/;

test.each(Object.entries(referenceModels))(
  'the table of %s has for each token what transformers’ embedding gave',
  async (model, path) => {
    const table = (await readTokenEmbedding(path))!;
    // Gemma's embedding module, and those of fairseq's models, multiply what they have looked up.
    const factor = /gemma|xglm|biogpt/.test(model) ? Math.sqrt(table.width) : 1;
    for (const { inputIds, generated, sites } of readReference(model)) {
      const site = [...sites.keys()].find((name) => embedding.test(name))!;
      const found = [inputIds.at(-1)!, ...generated.slice(0, -1)].flatMap((id) =>
        Array.from(table.values.subarray(id * table.width, (id + 1) * table.width), (value) => value * factor),
      );
      expect(relativeDifference(found, sites.get(site)!)).toBeLessThan(factor === 1 ? Number.MIN_VALUE : 1e-6);
    }
  },
);

test('a file that holds the tied table as the head alone has it too', async () => {
  const model = alteredCheckpoint('opt-galactica', {
    tensors: (all) => {
      all.delete('lm_head.weight');
      renameTensors(all, (name) => (name.endsWith('embed_tokens.weight') ? 'lm_head.weight' : name));
    },
    config: (json) => Object.assign(json, { tie_word_embeddings: true }),
  });
  expect(await readTokenEmbedding(model)).toEqual(await readTokenEmbedding(referenceModels['opt-galactica']));
});

test('an .onnx file names no table; one that has not a row for each token is told', async () => {
  expect(await readTokenEmbedding('somewhere/model.onnx')).toBeUndefined();
  const short = alteredCheckpoint('opt-galactica', { config: (json) => Object.assign(json, { vocab_size: 98 }) });
  await expect(readTokenEmbedding(short)).rejects.toThrow(/embed_tokens\.weight has the shape \[97, \d+\]/);
});
