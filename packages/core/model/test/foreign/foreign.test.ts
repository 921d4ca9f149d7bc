import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { describeForeign, openForeign } from '../../src/foreign/foreign-subject.js';
import type { Subject } from '../../src/subject.js';
import { readReference, relativeDifference } from '../reference.js';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}/model.onnx`, import.meta.url));
const greedy = { method: 'greedy' } as const;

/** Each prompt's tokens and, by site, its activity [tokens × width]. */
async function record(subject: Subject, prompts: Int32Array[], newTokens: number) {
  const activity = prompts.map(
    () => new Map(subject.sites.map((s) => [s.name, new Float32Array(newTokens * s.width)])),
  );
  const { tokens } = await subject.generate({
    prompts,
    newTokens,
    sampling: greedy,
    onStep({ position, sites }) {
      for (const { name, width } of subject.sites)
        for (const [r, recorded] of activity.entries())
          recorded.get(name)!.set(sites.get(name)!.subarray(r * width, (r + 1) * width), position * width);
    },
  });
  return { tokens: tokens.map((t) => [...t]), activity };
}

describe.each([
  ['gpt2-plain', 'gpt2', 'torch’s older exporter, no cached keys and values'],
  ['opt-past', 'opt-galactica', 'cached keys and values, as Optimum has them'],
  ['llama-past', 'llama-gqa', 'cached keys and values and positions as an input'],
  ['gpt2-dynamo', 'gpt2', 'torch’s newer exporter'],
  ['gpt2-external', 'gpt2', 'weights in a file of their own'],
  ['opt-merged', 'opt-galactica', 'a merged decoder with two branches'],
])('%s (%s: %s)', (name, model) => {
  test('has transformers’ sites, tokens and numbers, in a batch of unequal prompts', async () => {
    const reference = readReference(model);
    const subject = await openForeign(fixture(name));
    expect(subject.check.logits).toBe(0);
    expect(subject.check.activity).toBeLessThan(1e-5);
    expect(subject.sites.map((s) => s.name).sort()).toEqual([...reference[0].sites.keys()].sort());
    const newTokens = reference[0].generated.length;
    const prompts = [...reference, reference[1]].map((p) => p.inputIds);
    const { tokens, activity } = await record(subject, prompts, newTokens);
    for (const [p, { generated, sites }] of [...reference, reference[1]].entries()) {
      expect(tokens[p]).toEqual(generated);
      for (const [site, expected] of sites)
        expect(relativeDifference(activity[p].get(site)!, expected), site).toBeLessThan(1e-4);
    }
    await subject.release();
  });
});

test('a file is described without loading it as a subject', async () => {
  const { sites, unitsPerToken, vocabularySize, name } = await describeForeign(fixture('gpt2-plain'), {
    include: ['*.mlp.*', 'transformer.h.?', 'lm_head'],
  });
  expect(name).toBe('gpt2-plain');
  expect(vocabularySize).toBe(97);
  expect(sites.length).toBe(3 * 3 + 3 + 1);
  expect(unitsPerToken).toBe(3 * (128 + 128 + 32 + 32) + 97);
});
