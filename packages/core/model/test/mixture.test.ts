import { UserMistake } from '@galvani/terminal';
import { describe, expect, test } from 'vitest';
import { describeUnitWeights, loadSubject, rowInterventions } from '../src/index.js';
import { alteredCheckpoint, type Entry, renameTensors } from './altered-checkpoint.js';
import { record } from './recording.js';
import { mixtures, readExperts, readReference, referenceModels, relativeDifference } from './reference.js';

describe.each(mixtures)('experts of %s', (model) => {
  test('have transformers’ hidden units, 0 where they were not chosen, and its weights', async () => {
    const reference = readExperts(model);
    const names = [...reference[0].sites.keys()];
    const subject = await loadSubject(referenceModels[model], { threads: 1, sites: { include: names } });
    expect(subject.sites.map(({ name }) => name).sort()).toEqual(names.sort());
    const expertsOf = (site: string) => {
      const block = site.slice(0, site.search(/\d[.#]/) + 1);
      return subject.sites.find(({ name, kind }) => kind === 'router' && name.startsWith(block))!.width;
    };
    for (const batch of [[0], [0, 1, 2]]) {
      const prompts = batch.map((p) => reference[p].inputIds);
      const { activations } = await record(subject, prompts, reference[0].generated.length);
      for (const [r, p] of batch.entries())
        for (const [site, expected] of reference[p].sites) {
          const found = activations[r].get(site)!;
          expect(relativeDifference(found, expected), `${site}, prompt ${p}`).toBeLessThan(1e-4);
          // An activation may be 0 of an expert that was chosen, and all of one is not.
          const units = subject.sites.find(({ name }) => name === site)!.width / expertsOf(site);
          const still = (values: Float32Array) =>
            Array.from({ length: values.length / units }, (_, e) =>
              values.subarray(e * units, (e + 1) * units).every((value) => value === 0),
            );
          expect(still(found), site).toEqual(still(expected));
        }
    }
    await subject.release();
  });

  test('do nothing where they were not chosen, whatever their units are set to, and something where they were', async () => {
    const [{ inputIds, sites }] = readExperts(model);
    const site = [...sites.keys()].find((name) => name.endsWith('.experts#gated'))!;
    const router = site.replace('.experts#gated', '#router_weights');
    const subject = await loadSubject(referenceModels[model], {
      threads: 1,
      sites: { include: [router] },
      interventions: { include: [site] },
    });
    const experts = subject.sites[0].width;
    const inner = subject.intervened[0].width / experts;
    const text = inputIds;
    const weights: number[] = [];
    await subject.read({ texts: [text], onPassage: ({ sites: found }) => void weights.push(...found.get(router)!) });
    // Of each expert the text's tokens that it was given, but for the last, which predicts nothing.
    const rows = Array.from({ length: experts }, (_, e) => [
      { site, units: Array.from({ length: inner }, (_, u) => e * inner + u), scale: 1, offset: 2 },
    ]);
    const out: number[][] = Array.from({ length: experts + 1 }, () => []);
    await subject.read({
      texts: Array(experts + 1).fill(text),
      interventions: rowInterventions(subject.intervened, [...rows, []]),
      onPassage: ({ text: row, logProbabilities }) => void out[row].push(...logProbabilities),
    });
    const untouched = out[experts];
    for (let e = 0; e < experts; e++) {
      const first = Array.from(text.keys()).find((t) => weights[t * experts + e] !== 0) ?? text.length;
      for (let t = 1; t < text.length; t++) {
        const moved = Math.abs(out[e][t] - untouched[t]);
        if (t <= first) expect(moved, `expert ${e}, token ${t}`).toBeLessThan(1e-5);
        if (t === first + 1) expect(moved, `expert ${e}, token ${t}`).toBeGreaterThan(1e-5);
      }
    }
    await subject.release();
  });
});

test.each(mixtures.flatMap((model) => [false, true].map((frugal) => [model, frugal] as const)))(
  'a text’s numbers in %s do not depend on the texts beside it (frugal: %s)',
  async (model, frugal) => {
    const subject = await loadSubject(referenceModels[model], { threads: 1, frugal });
    const text = Int32Array.of(5, 17, 31, 8, 44, 23, 9);
    const numbers = async (...others: number[]) => {
      const found: number[] = [];
      await subject.read({
        texts: [text, ...others.map((first) => text.map((id) => 4 + ((id * first) % 93)))],
        onPassage: ({ text: row, sites }) => {
          if (row === 0) for (const values of sites.values()) found.push(...values);
        },
      });
      return found;
    };
    expect(await numbers(3, 5, 7)).toEqual(await numbers(11, 13, 17));
    await subject.release();
  },
);

/** One expert's tensors, stacked. */
function stack(all: Map<string, Entry>, name: string, parts: string[][]): void {
  const entries = parts.map((part) => part.map((each) => all.get(each)!));
  const [[{ dtype, shape }]] = entries;
  const rows = entries[0].length * shape[0];
  all.set(name, {
    dtype,
    shape: [parts.length, rows, shape[1]],
    data: Buffer.concat(entries.flat().map(({ data }) => data)),
  });
  for (const each of parts.flat()) all.delete(each);
}

test('a file may hold the experts stacked, as transformers’ modules do, or one by one', async () => {
  const folder = alteredCheckpoint('mixtral', {
    tensors(all) {
      for (const layer of [0, 1]) {
        const from = `model.layers.${layer}.block_sparse_moe.experts`;
        const to = `model.layers.${layer}.mlp.experts`;
        const experts = [0, 1, 2, 3];
        stack(
          all,
          `${to}.gate_up_proj`,
          experts.map((e) => [`${from}.${e}.w1.weight`, `${from}.${e}.w3.weight`]),
        );
        stack(
          all,
          `${to}.down_proj`,
          experts.map((e) => [`${from}.${e}.w2.weight`]),
        );
      }
      renameTensors(all, (name) => name.replace('.block_sparse_moe.', '.mlp.'));
      expect([...all.keys()].filter((name) => name.includes('.w1.'))).toEqual([]);
    },
  });
  const [{ inputIds, generated }] = readReference('mixtral');
  const subject = await loadSubject(folder, { threads: 1 });
  const sampling = { method: 'greedy' } as const;
  const { tokens } = await subject.generate({ prompts: [inputIds], newTokens: generated.length, sampling });
  expect([...tokens[0]]).toEqual(generated);
  await subject.release();
});

test('weights of units are not described, in a sentence', async () => {
  await expect(describeUnitWeights(referenceModels.mixtral)).rejects.toBeInstanceOf(UserMistake);
  await expect(describeUnitWeights(referenceModels.mixtral)).rejects.toThrow(/is a mixture of experts/);
});

test('weights in MXFP4 are refused, in a sentence', async () => {
  const folder = alteredCheckpoint('gpt-oss', {
    config: (json) => Object.assign(json, { quantization_config: { quant_method: 'mxfp4' } }),
  });
  await expect(loadSubject(folder)).rejects.toThrow(/quantization_config.*mxfp4.*a float16 or float32 version/);
});
