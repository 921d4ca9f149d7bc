import { fileURLToPath } from 'node:url';
import { encodeFloat16 } from '@galvani/numerics';
import { describe, expect, test } from 'vitest';
import { createTokenChooser } from '../src/forward/choose.js';
import {
  type Activations,
  describeSubject,
  digestSubject,
  loadSubject,
  type Subject,
  selfCheck,
} from '../src/index.js';
import { alteredCheckpoint, renameTensors } from './altered-checkpoint.js';
import { readReference, referenceModels, relativeDifference } from './reference.js';
import { withSubject } from './with-subject.js';

const greedy = { method: 'greedy' } as const;
const prompts = [Int32Array.of(5, 7, 9), Int32Array.of(44), Int32Array.from({ length: 20 }, (_, i) => 4 + i)];

describe('generation', () => {
  const sampling = { method: 'sample', temperature: 0.9, topP: 0.95, seed: 5 } as const;

  test('samples the same tokens alone, in a batch and in another order, and others from another seed', async () => {
    await withSubject(referenceModels['llama-gqa'], async (subject) => {
      const keys = ['a', 'b', 'c'];
      const all = await subject.generate({ prompts, newTokens: 12, sampling, promptKeys: keys });
      const order = [2, 0, 1];
      const turned = await subject.generate({
        prompts: order.map((i) => prompts[i]),
        newTokens: 12,
        sampling,
        promptKeys: order.map((i) => keys[i]),
      });
      for (const [i, prompt] of prompts.entries()) {
        const alone = await subject.generate({ prompts: [prompt], newTokens: 12, sampling, promptKeys: [keys[i]] });
        expect(alone.tokens[0]).toEqual(all.tokens[i]);
        expect(turned.tokens[order.indexOf(i)]).toEqual(all.tokens[i]);
      }
      const other = await subject.generate({
        prompts,
        newTokens: 12,
        sampling: { ...sampling, seed: 6 },
        promptKeys: keys,
      });
      expect(other.tokens).not.toEqual(all.tokens);
    });
  });

  test.each([1e-40, 0.3, 1, 5])('draws the tokens that float64 draws at temperature %d', async (temperature) => {
    await withSubject(referenceModels['opt-galactica'], async (subject) => {
      const keys = ['a', 'b', 'c'];
      for (const cut of [{}, { topP: 0.8 }, { topK: 5 }]) {
        const sampling = { method: 'sample', temperature, seed: 5, ...cut } as const;
        const chooser = createTokenChooser(sampling, keys);
        await subject.generate({
          ...{ prompts, newTokens: 12, sampling, promptKeys: keys, distributions: true },
          async onStep({ tokens, distributions, entropies, position }) {
            for (const [row, token] of tokens.entries()) {
              const own = distributions!.subarray(row * subject.vocabularySize, (row + 1) * subject.vocabularySize);
              expect(chooser.choose(row, own, entropies[row], -1, position)).toBe(token);
            }
          },
        });
      }
    });
  });

  test('stops each text with its first end token, and the batch with its last text', async () => {
    const onnx = './onnx-import/fixtures/opt-past/model.onnx';
    for (const model of [referenceModels['opt-galactica'], fileURLToPath(new URL(onnx, import.meta.url))])
      await withSubject(model, async (subject) => {
        const asked = { prompts, newTokens: 12, sampling, promptKeys: ['a', 'b', 'c'] };
        const whole = await subject.generate(asked);
        const endTokens = [whole.tokens[0][2], whole.tokens[1][5], whole.tokens[2][0]];
        const lengths = whole.tokens.map((own) => own.findIndex((id) => endTokens.includes(id)) + 1);
        const positions: number[] = [];
        const stopped = await subject.generate({
          ...{ ...asked, endTokens, stopAtEnd: true },
          onStep: ({ position }) => void positions.push(position),
        });
        const cut = <T extends Int32Array | Float32Array>(all: T[]) => all.map((own, i) => own.slice(0, lengths[i]));
        for (const name of ['tokens', 'logProbabilities', 'entropies'] as const)
          expect(stopped[name], name).toEqual(cut<Int32Array | Float32Array>(whole[name]));
        expect(positions).toEqual([...Array(Math.max(...lengths)).keys()]);
        expect(Math.max(...lengths)).toBeLessThan(12);
      });
  });

  test('gives log probabilities and entropies of the logits, in nats', async () => {
    await withSubject(referenceModels['opt-galactica'], async (subject) => {
      await subject.generate({
        prompts,
        newTokens: 4,
        sampling,
        distributions: true,
        onStep({ rows, tokens, logProbabilities, entropies, distributions, sites }) {
          const width = subject.vocabularySize;
          for (let r = 0; r < rows; r++) {
            const logits = sites.get('lm_head')!.subarray(r * width, (r + 1) * width);
            const sum = Math.log(logits.reduce((total, v) => total + Math.exp(v), 0));
            expect(logProbabilities[r]).toBeCloseTo(logits[tokens[r]] - sum, 4);
            expect(entropies[r]).toBeCloseTo(
              logits.reduce((h, v) => h - Math.exp(v - sum) * (v - sum), 0),
              4,
            );
            expect(distributions![r * width + tokens[r]]).toBe(logProbabilities[r]);
          }
        },
      });
    });
  });

  test('keeps activations until the promise of onStep is resolved, while later steps run', async () => {
    await withSubject(referenceModels.gpt2, async (subject) => {
      const fast: number[] = [];
      await subject.generate({
        prompts,
        newTokens: 6,
        sampling: greedy,
        onStep: ({ sites }) => void fast.push(sites.get('transformer.h.1')![0]),
      });
      const slow: number[] = [];
      await subject.generate({
        prompts,
        newTokens: 6,
        sampling: greedy,
        async onStep({ sites, position }) {
          for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
          slow[position] = sites.get('transformer.h.1')![0];
        },
      });
      expect(slow).toEqual(fast);
    });
  });

  test('passes on what onStep throws, now or later', async () => {
    await withSubject(referenceModels.gpt2, async (subject) => {
      const generate = (onStep: () => void | Promise<void>) =>
        subject.generate({ prompts, newTokens: 6, sampling: greedy, onStep });
      await expect(generate(() => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
      const thrown = generate(() => {
        throw new Error('at once');
      });
      await expect(thrown).rejects.toThrow('at once');
    });
  });

  test('is refused while another is under way', async () => {
    await withSubject(referenceModels.gpt2, async (subject) => {
      const request = { prompts, newTokens: 3, sampling: greedy };
      const first = subject.generate(request);
      await expect(subject.generate(request)).rejects.toThrow('one batch at a time');
      await expect(first).resolves.toBeDefined();
      await expect(subject.generate(request)).resolves.toBeDefined();
    });
  });

  test('stops at a signal', async () => {
    await withSubject(referenceModels.gpt2, async (subject) => {
      const controller = new AbortController();
      let steps = 0;
      const stopped = subject.generate({
        prompts,
        newTokens: 30,
        sampling: greedy,
        signal: controller.signal,
        onStep() {
          if (++steps === 3) controller.abort(new Error('enough'));
        },
      });
      await expect(stopped).rejects.toThrow('enough');
      expect(steps).toBe(3);
    });
  });

  test.each([
    [{ prompts: [] }, /no prompts/],
    [{ prompts: [new Int32Array(0)] }, /prompt 1 has no tokens/],
    [{ prompts: [Int32Array.of(5, 97)] }, /token id 97.*from 0 to 96/],
    [{ prompts: [new Int32Array(60).fill(5)], newTokens: 5 }, /60 tokens.*context of 64.*at most 59/],
    [{ newTokens: 0 }, /0 new tokens/],
    [{ promptKeys: ['a'] }, /1 prompt keys were given for 3/],
  ])('refuses %o', async (part, message) => {
    await withSubject(referenceModels['opt-relu'], async (subject) => {
      const request = { prompts, newTokens: 2, sampling: greedy, ...part };
      await expect(subject.generate(request)).rejects.toThrow(message);
    });
  });

  test('fills the context to its end', async () => {
    await withSubject(referenceModels['opt-relu'], async (subject) => {
      const prompt = new Int32Array(60).fill(5);
      const { tokens } = await subject.generate({ prompts: [prompt], newTokens: 4, sampling: greedy });
      expect(tokens[0]).toHaveLength(4);
    });
  });
});

describe('reading', () => {
  test.each(['opt-galactica', 'gpt-neox', 'qwen3', 'gemma2'])('%s reads what it would write', async (model) => {
    await withSubject(referenceModels[model], async (subject) => {
      const [first, second, third] = readReference(model);
      const texts = [first, second, third].map(({ inputIds, generated }) =>
        Int32Array.of(...inputIds, ...generated.slice(0, -1)),
      );
      const passages: { text: number; from: number; tokens: Int32Array; sites: Map<string, Float32Array> }[] = [];
      await subject.read({
        texts,
        onPassage: (p) =>
          void passages.push({ ...p, sites: new Map([...p.sites].map(([name, values]) => [name, values.slice()])) }),
      });
      for (const [i, reference] of [first, second, third].entries()) {
        const passage = passages.find(({ text }) => text === i)!;
        expect(passage.tokens).toEqual(texts[i]);
        for (const [site, expected] of reference.sites) {
          const written = passage.sites.get(site)!.slice(-expected.length);
          expect(relativeDifference(written, expected), site).toBeLessThan(1e-4);
        }
      }
    });
  });

  test('gives each token’s log probability after those before it', async () => {
    await withSubject(referenceModels['llama-gqa'], async (subject) => {
      const text = prompts[2];
      const found: number[] = [];
      await subject.read({ texts: [text], onPassage: ({ logProbabilities }) => void found.push(...logProbabilities) });
      expect(found[0]).toBeNaN();
      for (let t = 1; t < text.length; t++)
        await subject.generate({
          prompts: [text.slice(0, t)],
          newTokens: 1,
          sampling: greedy,
          distributions: true,
          onStep: ({ distributions }) => expect(found[t]).toBeCloseTo(distributions![text[t]], 3),
        });
    });
  });

  test('reads in passages of the units that are recorded, or of another subject’s', async () => {
    await withSubject(referenceModels['opt-galactica'], async (subject) => {
      const texts = [50, 7].map((length) => new Int32Array(length).fill(5));
      const passages = async (passagesOf?: { width: number; kind: 'linear' }[]) => {
        const found: number[][] = [];
        const onPassage = ({ text, from, tokens }: { text: number; from: number; tokens: Int32Array }) =>
          void found.push([text, from, tokens.length]);
        await subject.read({ texts, passagesOf, onPassage });
        return found;
      };
      const short = [
        [0, 0, 50],
        [1, 0, 7],
      ];
      expect(await passages()).toEqual(short);
      expect(await passages([{ width: 1000, kind: 'linear' }])).toEqual(short);
      // 64 MB are 16 tokens, which is the least, of a million units.
      const long = [
        [0, 0, 16],
        [0, 16, 16],
        [0, 32, 16],
        [0, 48, 2],
        [1, 0, 7],
      ];
      expect(await passages([{ width: 1 << 21, kind: 'linear' }])).toEqual(long);
    });
  });

  test('refuses a text that is longer than the context', async () => {
    await withSubject(referenceModels.gpt2, async (subject) => {
      const reading = subject.read({ texts: [new Int32Array(65).fill(5)], onPassage() {} });
      await expect(reading).rejects.toThrow(/text 1 has 65 tokens.*context of 64/);
    });
  });
});

describe('float16', () => {
  const rounded = (activations: Float32Array) => {
    const bits = new Uint16Array(activations.length);
    encodeFloat16(activations, bits);
    return bits;
  };

  test.each(['opt-galactica', 'gpt-neox'])(
    'is the nearest half of what %s gives, generating and reading',
    async (model) => {
      const seen = async (half: boolean) => {
        const subject = await loadSubject(referenceModels[model], { threads: 1, half });
        const found: Map<string, Uint16Array>[] = [];
        const keep = ({ sites, halves }: Activations) => {
          expect(sites.size === 0).toBe(half);
          found.push(
            new Map(halves ? [...halves].map(([s, h]) => [s, h.slice()]) : [...sites].map(([s, a]) => [s, rounded(a)])),
          );
        };
        const { tokens } = await subject.generate({ prompts, newTokens: 4, sampling: greedy, onStep: keep });
        await subject.read({ texts: prompts, onPassage: keep });
        await subject.release();
        return { tokens, found };
      };
      const halves = await seen(true);
      expect(halves.found[0].size).toBeGreaterThan(20);
      expect(halves).toEqual(await seen(false));
    },
  );

  test('is infinite beyond its range, and passes the self-check', async () => {
    const path = alteredCheckpoint('opt-galactica', {
      tensors(all) {
        const { data } = all.get('model.decoder.layers.1.fc1.weight')!;
        for (let at = 0; at < 4 * 32; at += 4) data.writeFloatLE(1e9 * data.readFloatLE(at), at);
      },
    });
    const subject = await loadSubject(path, { threads: 1, half: true });
    let first = 0;
    await subject.generate({
      prompts: [prompts[0]],
      newTokens: 1,
      sampling: greedy,
      onStep: ({ halves }) => {
        first = halves!.get('model.decoder.layers.1.fc1')![0] & 0x7fff;
      },
    });
    expect(first).toBe(0x7c00);
    await subject.release();
    const { difference } = await selfCheck(referenceModels['opt-galactica'], prompts, { threads: 1, half: true });
    expect(difference).toBeLessThan(1e-3);
  });
});

// That every kind of model passes is in self-check.test.ts.
describe('the self-check', () => {
  test.each(['gpt2', 'qwen3-5-moe'])('finds %s recorded as it computes', async (model) => {
    const { difference } = await selfCheck(referenceModels[model], prompts, { threads: 1 });
    expect(difference).toBeLessThan(1e-4);
  });

  test('loads a checkpoint when the plain one is gone, and gives it back', async () => {
    const path = referenceModels['opt-galactica'];
    const { difference, subject } = await selfCheck(path, prompts, { subject: () => loadSubject(path), threads: 1 });
    expect(difference).toBeLessThan(1e-4);
    await expect(subject.generate({ prompts, newTokens: 1, sampling: greedy })).resolves.toBeDefined();
    await subject.release();
  });

  test('names what is wrong and leaves the subject loaded', async () => {
    await withSubject(referenceModels['opt-galactica'], async (subject) => {
      const bent: Subject = {
        ...subject,
        generate: (request) =>
          subject.generate({
            ...request,
            onStep(step) {
              if (request.prompts.length > 1) step.sites.get('model.decoder.layers.1.fc1')![3] += 0.5;
              return request.onStep?.(step);
            },
          }),
      };
      const checked = selfCheck(referenceModels['opt-galactica'], prompts, { subject: bent, threads: 1 });
      await expect(checked).rejects.toThrow(/model\.decoder\.layers\.1\.fc1 differs/);
      await expect(subject.generate({ prompts, newTokens: 1, sampling: greedy })).resolves.toBeDefined();
    });
  });
});

describe('a checkpoint', () => {
  test('is described without its weights', async () => {
    const description = await describeSubject(referenceModels['opt-galactica'], { include: ['*.fc1', 'lm_head'] });
    expect(description).toMatchObject({
      name: 'opt-galactica',
      architecture: 'OPT',
      vocabularySize: 97,
      contextLength: 64,
    });
    expect(description.sites.map(({ name, layer, kind, width }) => [name, layer, kind, width])).toEqual([
      ['model.decoder.layers.0.fc1', 'block-00', 'linear', 64],
      ['model.decoder.layers.1.fc1', 'block-01', 'linear', 64],
      ['model.decoder.layers.2.fc1', 'block-02', 'linear', 64],
      ['lm_head', 'final', 'head', 97],
    ]);
    expect(description.unitsPerToken).toBe(3 * 64 + 97);
    expect(description.bytesPerToken).toBe(4 * (3 * 64 + 97));
  });

  test.each([
    ['opt-galactica', (name: string) => name.replace('model.decoder.', 'decoder.')],
    ['opt-galactica', (name: string) => `model.${name}`],
    ['gpt2', (name: string) => name.replace('transformer.', '')],
    ['gpt-neox', (name: string) => name.replace('gpt_neox.', '').replace('lm_head', 'embed_out')],
    ['llama-gqa', (name: string) => name.replace('model.', '')],
    ['llama-gqa', (name: string) => `base.${name}`],
    ['qwen2', (name: string) => (name === 'lm_head.weight' ? undefined : name)],
  ])('of %s is found under other prefixes: %s', async (model, rename) => {
    const folder = alteredCheckpoint(model, { tensors: (all) => renameTensors(all, rename) });
    const [{ inputIds, generated }] = readReference(model);
    await withSubject(folder, async (subject) => {
      const { tokens } = await subject.generate({ prompts: [inputIds], newTokens: generated.length, sampling: greedy });
      expect([...tokens[0]]).toEqual(generated);
    });
  });

  test('has another digest when a weight or a field changes, and the same in another folder', async () => {
    const same = await digestSubject(alteredCheckpoint('gpt2', {}));
    expect(await digestSubject(alteredCheckpoint('gpt2', {}))).toBe(same);
    const field = alteredCheckpoint('gpt2', { config: (json) => Object.assign(json, { layer_norm_epsilon: 1e-6 }) });
    const weight = alteredCheckpoint('gpt2', {
      tensors: (all) => all.get('transformer.ln_f.weight')!.data.writeFloatLE(7, 0),
    });
    const digests = [same, await digestSubject(field), await digestSubject(weight)];
    expect(new Set(digests).size).toBe(3);
  });

  test.each([
    ['gpt2', { model_type: 't5' }, /model_type is "t5".*opt, gpt2/],
    ['gpt2', { model_type: null }, /no model_type/],
    ['gpt2', { n_head: 5 }, /n_head is 5, and n_embd 32 is no multiple/],
    ['gpt2', { n_layer: '3' }, /n_layer is "3" and has to be a positive whole number/],
    ['gpt2', { n_layer: 4 }, /no tensor transformer\.h\.3\.ln_1\.weight/],
    ['gpt2', { n_embd: 16 }, /shape \[97, 32\].*config\.json makes it \[97, 16\]/],
    ['gpt2', { activation_function: 'xielu' }, /activation_function is "xielu".*gelu_new/],
    ['gpt2', { add_cross_attention: true }, /add_cross_attention is true/],
    ['llama-gqa', { num_key_value_heads: 3 }, /num_key_value_heads is 3/],
    [
      'llama-gqa',
      { rope_parameters: { rope_type: 'proportional' } },
      /rope_parameters\.rope_type is "proportional".*yarn/,
    ],
    ['llama-gqa', { quantization_config: { bits: 4 } }, /quantization_config/],
    ['mistral', { layer_types: ['full_attention', 'chunked_attention'] }, /layer_types/],
    ['opt-galactica', { vocab_size: 0 }, /vocab_size is 0/],
  ])('of %s with %o is refused', async (model, fields, message) => {
    const folder = alteredCheckpoint(model, { config: (json) => Object.assign(json, fields) });
    await expect(loadSubject(folder)).rejects.toMatchObject({
      name: 'UserMistake',
      message: expect.stringMatching(message),
    });
  });

  test('without a head is refused unless it is tied', async () => {
    const folder = alteredCheckpoint('llama-gqa', { tensors: (all) => void all.delete('lm_head.weight') });
    await expect(loadSubject(folder)).rejects.toThrow(/no lm_head\.weight.*tie_word_embeddings/);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('with a weight of %d is refused', async (value) => {
    const folder = alteredCheckpoint('opt-relu', {
      tensors: (all) => void all.get('model.decoder.layers.1.fc1.weight')!.data.writeFloatLE(value, 400),
    });
    await expect(loadSubject(folder)).rejects.toThrow(/model\.decoder\.layers\.1\.fc1\.weight.*\[3, 4\]/);
  });

  test('whose activations overflows is a failure that says so', async () => {
    const folder = alteredCheckpoint('opt-relu', {
      tensors(all) {
        const { data } = all.get('model.decoder.final_layer_norm.weight')!;
        for (let at = 0; at < data.length; at += 4) data.writeFloatLE(3e38, at);
      },
    });
    await withSubject(folder, async (subject) => {
      const generation = subject.generate({ prompts, newTokens: 2, sampling: greedy });
      await expect(generation).rejects.toMatchObject({ name: 'Failure', message: expect.stringMatching(/not finite/) });
    });
  });

  test('that is not there is a mistake', async () => {
    await expect(loadSubject('/nowhere/at/all')).rejects.toThrow(/config\.json/);
  });
});

test('a device that onnxruntime-node does not have is a mistake or a failure in a sentence', async () => {
  const loading = loadSubject(referenceModels.gpt2, { device: 'tensorrt' as 'cuda' });
  await expect(loading).rejects.toThrow(/tensorrt/);
});
