import { readFileSync } from 'node:fs';
import { UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { architectures } from '../../src/architectures/registry.js';
import { describeUnitWeights } from '../../src/unit-weights/unit-weights.js';
import { alteredCheckpoint, renameTensors } from '../altered-checkpoint.js';
import { encoderModels, folderOf, mixtures, referenceModels } from '../reference.js';
import { pathOf, testUnitWeights } from './altered-units.js';

// The other ways in which blocks are built: more-unit-weights.test.ts. Mamba's channels set each other's steps, so that what writes to one changes all.
testUnitWeights([
  'opt-galactica',
  'opt-350m',
  'gpt2',
  'gpt-neox',
  'llama-gqa',
  'olmo2',
  'gptj',
  'falcon-new',
  'qwen3-5',
]);

test('every architecture that is built has a model', () => {
  const types = Object.values({ ...referenceModels, ...encoderModels }).map(
    (folder) => JSON.parse(readFileSync(`${folder}/config.json`, 'utf8')).model_type,
  );
  expect(architectures.flatMap(({ modelTypes }) => modelTypes).filter((type) => !types.includes(type))).toEqual([]);
});

const described = Object.keys({ ...referenceModels, ...encoderModels }).filter((name) => !mixtures.includes(name));

test.each(described)('every product and norm of %s is written by its own module', async (model) => {
  const { sites } = await describeUnitWeights(folderOf(model));
  for (const { site, writes } of sites) {
    if (site.kind === 'linear') expect(writes.map(pathOf), site.name).toContain(site.name);
    if (site.kind === 'norm')
      expect([...writes.map(pathOf), site.name], site.name).toEqual(writes.map(() => site.name).concat(site.name));
  }
});

test('queries and keys are read by no weight, values by the heads of their group', async () => {
  const { sites } = await describeUnitWeights(referenceModels['llama-gqa']);
  const of = (end: string) => sites.find(({ site }) => site.name.endsWith(`layers.0.self_attn.${end}`))!;
  for (const name of ['q_proj', 'k_proj']) expect(of(name)).toMatchObject({ reads: [], readThrough: ['attention'] });
  const [{ parameter, places, units }] = of('v_proj').reads;
  expect(parameter).toBe('model.layers.0.self_attn.o_proj.weight');
  const heads = of('q_proj').site.width / of('v_proj').site.width;
  expect(places.filter((_, i) => units[i] === 0)).toHaveLength(heads);
});

test('parameters have the names of the whole model, also where the file holds the body alone', async () => {
  const bare = alteredCheckpoint('gpt2', {
    tensors: (all) => renameTensors(all, (name) => name.replace(/^transformer\./, '')),
  });
  const { sites } = await describeUnitWeights(bare);
  expect(sites).toEqual((await describeUnitWeights(referenceModels.gpt2)).sites);
});

test('an ONNX file is refused in a sentence', async () => {
  await expect(describeUnitWeights('some/model.onnx')).rejects.toThrow(/does not say which parameters its weights are/);
  await expect(describeUnitWeights('some/model.onnx')).rejects.toBeInstanceOf(UserMistake);
});
