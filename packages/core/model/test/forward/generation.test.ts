import { describe, expect, test } from 'vitest';
import { loadSubject, type Subject } from '../../src/index.js';
import { liesInside } from '../../src/site.js';
import { record } from '../recording.js';
import { readReference, referenceModels, relativeDifference } from '../reference.js';

describe.each(Object.keys(referenceModels))('%s', (model) => {
  test('gives transformers’ tokens and every site’s numbers, singly and in a batch of unequal prompts', async () => {
    const subject = await loadSubject(referenceModels[model], { threads: 1 });
    const reference = readReference(model);
    const newTokens = reference[0].generated.length;
    const modules = subject.sites.map(({ name }) => name).filter((name) => !liesInside(name));
    expect(modules).toEqual([...reference[0].sites.keys()].sort(bySiteOrder(subject)));
    for (const batch of [[0], [1], [2], [0, 1, 2]]) {
      const { tokens, activations } = await record(
        subject,
        batch.map((p) => reference[p].inputIds),
        newTokens,
      );
      expect(tokens).toEqual(batch.map((p) => reference[p].generated));
      for (const [r, p] of batch.entries())
        for (const [site, expected] of reference[p].sites) {
          const difference = relativeDifference(activations[r].get(site)!, expected);
          expect(difference, `${site}, prompt ${p}, batch ${batch}`).toBeLessThan(1e-4);
        }
    }
    await subject.release();
  });
});

function bySiteOrder(subject: Subject) {
  const place = new Map(subject.sites.map((s, i) => [s.name, i]));
  return (a: string, b: string) => (place.get(a) ?? -1) - (place.get(b) ?? -1);
}
