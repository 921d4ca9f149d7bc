import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeModel, elementType, encodeModel, type ModelProto } from '@galvani/onnx';
import { Failure, UserMistake } from '@galvani/terminal';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeImported, openImported } from '../../src/onnx-import/imported-subject.js';
import { record } from '../recording.js';
import { fixture } from './exported-file.js';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-onnx-'));
  file = join(folder, 'model.onnx');
});
afterAll(() => rmSync(folder, { recursive: true }));

const plain = readFileSync(fixture('gpt2-plain'));
/** The plain file with something changed, at `file`. */
const changed = (change: (model: ModelProto) => void) => {
  const model = decodeModel(plain);
  change(model);
  writeFileSync(file, encodeModel(model));
};
const dimensions = (model: ModelProto, input: number) => model.graph.input[input].type!.tensorType!.shape!.dim;
const refused = async (pattern: RegExp, path = file) => {
  const opened = openImported(path, { threads: 1 });
  await expect(opened).rejects.toThrow(UserMistake);
  await expect(opened).rejects.toThrow(pattern);
};

describe('a file that is no language model is refused with a sentence', () => {
  test.each([
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('hello, this is not protobuf at all')],
    ['zeros', Buffer.alloc(4096)],
    ['cut off', plain.subarray(0, plain.length / 2)],
    ['a safetensors file', Buffer.from('\x02\0\0\0\0\0\0\0{}', 'latin1')],
    ['nested messages', Buffer.alloc(100_000, 0x3a)],
  ])('%s', async (_, bytes) => {
    writeFileSync(file, bytes);
    await refused(/model\.onnx is not an ONNX model/);
  });

  test('missing, or a folder', async () => {
    await refused(/does not exist/, join(folder, 'nowhere.onnx'));
    await refused(/is a folder, and an \.onnx file was expected/, folder);
  });

  test('without input_ids', async () => {
    changed((model) => {
      model.graph.input[0].name = 'pixels';
      for (const node of model.graph.node)
        node.input = node.input.map((name) => (name === 'input_ids' ? 'pixels' : name));
    });
    await refused(/has no input input_ids.*its inputs are pixels, attention_mask/);
  });

  test('with inputs that nobody can guess', async () => {
    changed((model) => {
      model.graph.input.push({ ...model.graph.input[0], name: 'encoder_hidden_states' });
    });
    await refused(/inputs that galvani does not know: encoder_hidden_states.* the encoder's own file can be read/);
  });

  test('for texts of one length', async () => {
    changed((model) => {
      for (const input of [0, 1]) dimensions(model, input)[1] = { dimValue: 8 };
    });
    await refused(/for texts of exactly 8 tokens\. Export it again/);
  });

  test('for several texts at once', async () => {
    changed((model) => {
      for (const input of [0, 1]) dimensions(model, input)[0] = { dimValue: 4 };
    });
    await refused(/for exactly 4 texts at once\. Export it again with a dynamic batch size/);
  });

  test('with an operator that onnxruntime does not have', async () => {
    changed((model) => {
      model.graph.node[10].opType = 'Telepathy';
    });
    await refused(/Telepathy/);
  });

  test('with weights that are not numbers', async () => {
    changed((model) => {
      const weight = model.graph.initializer.find(({ name }) => name === 'transformer.h.1.mlp.c_fc.weight')!;
      weight.rawData = new Uint8Array(weight.rawData!);
      new DataView(weight.rawData.buffer).setFloat32(40, Number.NaN, true);
    });
    await refused(/transformer\.h\.1\.mlp\.c_fc gives numbers that are not finite/);
  });
});

describe('external data', () => {
  test.each(['../model.onnx_data', '/etc/passwd', 'a/../../b', 'a\\b', 'C:x', '', 'a//b'])(
    'in %j is refused',
    async (location) => {
      changed((model) => {
        model.graph.initializer[0] = {
          ...model.graph.initializer[0],
          rawData: undefined,
          dataLocation: 1,
          externalData: [{ key: 'location', value: location }],
        };
      });
      await refused(/is not a file beside the model/);
    },
  );

  test('that is missing or cut short is refused', async () => {
    copyFileSync(fixture('gpt2-external'), file);
    await refused(/model\.onnx_data does not exist/);
    const data = join(folder, 'model.onnx_data');
    copyFileSync(`${fixture('gpt2-external')}_data`, data);
    const whole = statSync(data).size;
    truncateSync(data, 1000);
    await refused(
      new RegExp(`model\\.onnx_data has 1000 bytes, and its \\.onnx file says that there are at least ${whole}`),
    );
    rmSync(data);
  });
});

test('a file for one text at a time is given one at a time', async () => {
  changed((model) => {
    for (const input of [0, 1]) dimensions(model, input)[0] = { dimValue: 1 };
    for (const { type } of model.graph.output) type!.tensorType!.shape!.dim[0] = { dimValue: 1 };
  });
  const prompts = [Int32Array.of(5, 6, 7), Int32Array.of(8, 9, 10), Int32Array.of(8)];
  const [one, many] = [
    await openImported(file, { threads: 1 }),
    await openImported(fixture('gpt2-plain'), { threads: 1 }),
  ];
  const [a, b] = [await record(one, prompts, 3), await record(many, prompts, 3)];
  expect(a.tokens).toEqual(b.tokens);
  expect(one.sites.map(({ name }) => name).sort()).toEqual(many.sites.map(({ name }) => name).sort());
  await one.release();
  await many.release();
});

test('a file whose nodes have no names is named after its weights', async () => {
  changed((model) => {
    for (const node of model.graph.node) node.name = '';
  });
  const { sites } = await describeImported(file);
  const names = sites.map(({ name }) => name);
  expect(names).toContain('transformer.h.1.mlp.c_fc');
  expect(names).toContain('transformer.ln_f');
  expect(sites.at(-1)).toMatchObject({ name: 'logits', kind: 'head', width: 97 });
});

test('sites of integers are none', async () => {
  changed((model) => {
    model.graph.node.push({
      name: '/odd/Cast',
      opType: 'Cast',
      input: ['logits'],
      output: ['odd'],
      attribute: [{ name: 'to', type: 2, i: elementType.int64 }],
    });
    model.graph.output.push({ name: 'odd' });
  });
  const { sites } = await describeImported(file);
  expect(sites.map(({ name }) => name)).not.toContain('odd');
});

test('any damage to a good file gives a subject or a sentence', async () => {
  const change = fc.tuple(fc.nat(plain.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 3 }),
      fc.option(fc.nat(plain.length), { freq: 3 }),
      fc.boolean(),
      async (changes, end, early) => {
        const bytes = Buffer.from(plain.subarray(0, end ?? plain.length));
        // The last quarter holds names and shapes, the rest mostly numbers.
        for (const [at, value] of changes) {
          const place = early ? at : Math.floor(at / 4);
          if (place < bytes.length) bytes[place] = value;
        }
        writeFileSync(file, bytes);
        try {
          const subject = await openImported(file, { threads: 1 });
          await record(subject, [Int32Array.of(1, 2)], 1);
          await subject.release();
        } catch (error) {
          if (!(error instanceof UserMistake || error instanceof Failure)) throw error;
          expect(error.message).toMatch(/\.$/);
        }
      },
    ),
    { numRuns: 30, seed: 1 },
  );
});
