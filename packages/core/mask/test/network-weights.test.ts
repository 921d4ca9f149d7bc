import { fileURLToPath } from 'node:url';
import { describeUnitWeights } from '@galvani/model';
import { expect, test } from 'vitest';
import { networkWeights } from '../src/index.js';
import { maskCsv, maskRows } from '../src/mask-rows.js';
import { maskTensors } from '../src/mask-tensors.js';
import { withoutWeights } from '../src/without-weights.js';

const checkpoint = (name: string) => fileURLToPath(new URL(`../../model/test/fixtures/${name}`, import.meta.url));

const units = (site: string, ...own: number[]) => ({
  site,
  units: Int32Array.from(own),
  signs: Int8Array.from(own, (_, i) => (i % 2 ? -1 : 1)),
});

const block = 'model.layers.1';

test('an activation is rows of what writes to it and columns of what reads it, as masks that broadcast', async () => {
  const model = await describeUnitWeights(checkpoint('variants/qwen2'));
  const network = networkWeights(model, [units(`${block}.mlp.act_fn`, 3, 5)]);
  const tensors = maskTensors(network);
  expect(tensors.map(({ parameter }) => parameter)).toEqual([
    `${block}.mlp.down_proj.weight`,
    `${block}.mlp.gate_proj.weight`,
  ]);
  const [down, gate] = tensors;
  expect(gate.maskShape).toEqual([gate.shape[0], 1]);
  expect(down.maskShape).toEqual([1, down.shape[1]]);
  for (const { mask } of tensors) expect([...mask.keys()].filter((i) => mask[i] === 1)).toEqual([3, 5]);
  expect(gate.weights).toBe(2 * gate.shape[1]);
  expect(down.weights).toBe(2 * down.shape[0]);
  expect(maskTensors(network, 'write').map(({ parameter }) => parameter)).toEqual([gate.parameter]);
  expect(maskTensors(network, 'read').map(({ parameter }) => parameter)).toEqual([down.parameter]);
});

test('a parameter that is masked by rows and by columns has a mask of its own shape', async () => {
  const model = await describeUnitWeights(checkpoint('variants/qwen2'));
  const both = [units(`${block}.mlp.act_fn`, 3), units(`${block}.mlp.down_proj`, 7)];
  const { shape, maskShape, mask, weights } = maskTensors(networkWeights(model, both)).find(
    ({ parameter }) => parameter === `${block}.mlp.down_proj.weight`,
  )!;
  expect(maskShape).toEqual(shape);
  const [height, width] = shape;
  const through = Array.from(mask.keys()).filter((i) => mask[i] === 1);
  expect(through).toEqual(
    Array.from({ length: height * width }, (_, i) => i).filter((i) => Math.floor(i / width) === 7 || i % width === 3),
  );
  expect(weights).toBe(through.length);
});

test("GPT-2's products are stored the other way round", async () => {
  const model = await describeUnitWeights(checkpoint('reference/gpt2'));
  const [{ writes, reads }] = networkWeights(model, [units('transformer.h.0.mlp.act', 2)]);
  expect(writes.map(({ parameter, axis }) => [parameter, axis])).toEqual([
    ['transformer.h.0.mlp.c_fc.weight', 1],
    ['transformer.h.0.mlp.c_fc.bias', 0],
  ]);
  expect(reads.map(({ parameter, axis }) => [parameter, axis])).toEqual([['transformer.h.0.mlp.c_proj.weight', 0]]);
});

test('a gain that heads share is in a mask where all its units are members, and is told of where not', async () => {
  const model = await describeUnitWeights(checkpoint('variants/qwen3'));
  const site = `${block}.self_attn.q_norm`;
  const gain = model.sites.find((each) => each.site.name === site)!;
  const sharing = [...gain.writes[0].units].filter((_, i) => gain.writes[0].places[i] === 4);
  const part = networkWeights(model, [units(site, ...sharing.slice(1))]);
  expect(maskTensors(part)).toEqual([]);
  expect(part[0].writes[0].others).toEqual(Int32Array.from(sharing.slice(1), () => 1));
  expect(withoutWeights(part).join('\n')).toMatch(
    /shared with other units by a gain that all heads have, and are in no mask tensor/,
  );
  const [whole] = maskTensors(networkWeights(model, [units(site, ...sharing)]));
  expect([...whole.mask.keys()].filter((i) => whole.mask[i] === 1)).toEqual([4]);
});

test('units without weights are told of', async () => {
  const model = await describeUnitWeights(checkpoint('variants/qwen2'));
  const sentences = withoutWeights(
    networkWeights(model, [units(`${block}.self_attn.q_proj`, 1, 2), units(`${block}.mlp.down_proj`, 7)]),
  );
  expect(sentences).toEqual([
    `no weight reads 2 units of ${block}.self_attn.q_proj: what takes them is attention's patterns, products of units with units.`,
    `no weight reads 1 unit of ${block}.mlp.down_proj: what takes them is the residual stream, whose readers are those of its block.`,
  ]);
});

test('as a table every slice is a row', async () => {
  const model = await describeUnitWeights(checkpoint('reference/gpt2'));
  const csv = maskCsv(maskRows('a "task"', networkWeights(model, [units('transformer.h.0.mlp.act', 2, 9)])));
  expect(csv.split('\n')).toEqual([
    'task,site,kind,unit,sign,role,parameter,axis,place,others',
    ...['weight,1', 'bias,0'].flatMap((end) =>
      [
        [2, 1],
        [9, -1],
      ].map(
        ([unit, sign]) =>
          `"a ""task""",transformer.h.0.mlp.act,activation,${unit},${sign},write,transformer.h.0.mlp.c_fc.${end},${unit},0`,
      ),
    ),
    ...[
      [2, 1],
      [9, -1],
    ].map(
      ([unit, sign]) =>
        `"a ""task""",transformer.h.0.mlp.act,activation,${unit},${sign},read,transformer.h.0.mlp.c_proj.weight,0,${unit},0`,
    ),
    '',
  ]);
});

test('a site that the model does not have is of another model', async () => {
  const model = await describeUnitWeights(checkpoint('reference/gpt2'));
  expect(() => networkWeights(model, [units('model.layers.0.mlp', 1)])).toThrow(
    /it is another model than was recorded/,
  );
});
