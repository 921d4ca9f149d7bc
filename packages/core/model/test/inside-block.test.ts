import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patternParts } from '../src/graph/attention-heads.js';
import { loadSubject, rowInterventions, type Subject } from '../src/index.js';
import { liesInside } from '../src/site.js';
import { record } from './recording.js';
import {
  insideModels,
  type ReferencePrompt,
  readInside,
  readReference,
  referenceModels,
  relativeDifference,
} from './reference.js';

const everything = { include: ['*', '*#*'] };

describe.each(insideModels)('inside the blocks of %s', (model) => {
  let subject: Subject;
  let reference: ReferencePrompt[];
  beforeAll(async () => {
    subject = await loadSubject(referenceModels[model], { threads: 1, sites: everything });
    reference = readInside(model);
  });
  afterAll(() => subject.release());

  test('are transformers’ numbers, singly and in a batch of unequal prompts', async () => {
    const names = subject.sites.map(({ name }) => name).filter(liesInside);
    expect(names.sort()).toEqual([...reference[0].sites.keys()].sort());
    for (const batch of [[0], [1], [2], [0, 1, 2]]) {
      const prompts = batch.map((p) => reference[p].inputIds);
      const { tokens, activations } = await record(subject, prompts, reference[0].generated.length);
      expect(tokens).toEqual(batch.map((p) => reference[p].generated));
      for (const [r, p] of batch.entries())
        for (const [site, expected] of reference[p].sites)
          expect(relativeDifference(activations[r].get(site)!, expected), `${site}, prompt ${p}`).toBeLessThan(1e-4);
    }
  });

  test('are the same where a text is read, and every head’s pattern sums to 1', async () => {
    const texts = reference.map(({ inputIds, generated }) => Int32Array.of(...inputIds, ...generated.slice(0, -1)));
    const found = texts.map(() => new Map<string, number[]>());
    await subject.read({
      texts,
      onPassage({ text, sites }) {
        for (const [name, values] of sites) found[text].set(name, [...(found[text].get(name) ?? []), ...values]);
      },
    });
    for (const [p, { sites }] of reference.entries())
      for (const [site, expected] of sites)
        expect(relativeDifference(found[p].get(site)!.slice(-expected.length), expected), site).toBeLessThan(1e-4);
    const columns = 1 + patternParts(subject.contextLength).length;
    for (const { name, width } of subject.sites.filter(({ kind }) => kind === 'pattern')) {
      expect(width % columns).toBe(0);
      const values = found[1].get(name)!;
      for (let at = 0; at < values.length; at += columns) {
        const sum = values.slice(at, at + columns).reduce((a, b) => a + b);
        // What gpt-oss's sinks take, no token has.
        if (model === 'gpt-oss') expect(sum).toBeLessThan(1.00001);
        else expect(sum).toBeCloseTo(1, 5);
      }
    }
  });
});

describe('sites inside modules', () => {
  test('that are recorded change no other site’s numbers, but for the last digits where patterns are', async () => {
    const [{ inputIds }] = readReference('glm');
    const recorded = async (include?: string[]) => {
      const subject = await loadSubject(referenceModels.glm, { threads: 1, sites: { include } });
      const { activations } = await record(subject, [inputIds], 4);
      await subject.release();
      return activations[0];
    };
    const before = await recorded();
    const beside = await recorded(['*', '*#{q,k,v,z,heads,rot_?,gated,resid_mid}']);
    const patterns = await recorded(['*', '*#*']);
    for (const [site, values] of before) {
      expect(beside.get(site), site).toEqual(values);
      expect(relativeDifference(patterns.get(site)!, values), site).toBeLessThan(1e-5);
    }
  });

  test('on the model’s way can be intervened on, and those beside it are refused', async () => {
    const path = referenceModels['llama-yarn'];
    const [{ inputIds }] = readReference('llama-yarn');
    for (const site of ['self_attn#z', 'self_attn#rot_q', 'self_attn#rot_k', 'mlp#gated']) {
      const name = `model.layers.0.${site}`;
      const subject = await loadSubject(path, {
        threads: 1,
        sites: { include: [name] },
        interventions: { include: [name] },
      });
      const { width } = subject.sites[0];
      const units = Array.from({ length: width }, (_, u) => u);
      const rows = [[{ site: name, units, scale: 2, offset: 0.5 }], []];
      const found: Float32Array[] = [];
      await subject.read({
        texts: [inputIds, inputIds],
        interventions: rowInterventions(subject.intervened, rows),
        onPassage: ({ sites }) => void found.push(sites.get(name)!.slice()),
      });
      const expected = found[1].map((value) => 2 * value + 0.5);
      expect(relativeDifference(found[0], expected), name).toBeLessThan(1e-4);
      await subject.release();
    }
    for (const site of ['self_attn#heads', 'self_attn#pattern'])
      await expect(loadSubject(path, { interventions: { include: [`model.layers.0.${site}`] } })).rejects.toMatchObject(
        { name: 'UserMistake', message: expect.stringMatching(/not intervened on.*#z/) },
      );
  });
});

test('parts of a pattern cover every distance once', () => {
  for (const contextLength of [1, 2, 3, 4, 5, 64, 1000, 2048]) {
    const parts = patternParts(contextLength);
    for (const [i, [least, most]] of parts.entries()) {
      expect(most).toBeGreaterThanOrEqual(least);
      if (i > 0) expect(least).toBe(parts[i - 1][1] + 1);
    }
    expect(parts[0][0]).toBe(0);
    expect(parts.at(-1)![1]).toBe(contextLength - 1);
  }
});
