/** Every kind of model, opened once, against transformers and PyTorch's hooks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowInterventions, type UnitChange } from '../../src/forward/interventions.js';
import { loadSubject, type Subject } from '../../src/index.js';
import { liesInside } from '../../src/site.js';
import { differenceOf, hooked, readUnder } from '../hooked.js';
import { greedy, record } from '../recording.js';
import { type ReferencePrompt, readReference, referenceModels, relativeDifference } from '../reference.js';

test('every model that PyTorch was hooked in is there', () => {
  expect(Object.keys(hooked).filter((model) => !Object.hasOwn(referenceModels, model))).toEqual([]);
});

describe.each(Object.keys(referenceModels))('%s', (model) => {
  let subject: Subject;
  let reference: ReferencePrompt[];
  beforeAll(async () => {
    subject = await loadSubject(referenceModels[model], { threads: 1 });
    reference = readReference(model);
  });
  afterAll(() => subject.release());

  test('gives transformers’ tokens and every site’s numbers, singly and in a batch of unequal prompts, and gates’ products', async () => {
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
      if (batch.length === 1) expectGatedProducts(subject, reference[batch[0]].sites, activations[0]);
    }
  });

  if (!Object.hasOwn(hooked, model)) return;
  const { changes, text, alone, all, prompt, generated, chosen } = hooked[model];
  describe('intervened on', () => {
    let intervened: Subject;
    beforeAll(async () => {
      intervened = await loadSubject(referenceModels[model], { threads: 1, interventions: {} });
    });
    afterAll(() => intervened.release());

    test('at each site alone, in one batch, and at all of them, reads as PyTorch with hooks reads', async () => {
      const rows: UnitChange[][] = [...changes.map((change) => [change]), changes, []];
      const texts = rows.map(() => Int32Array.from(text));
      const found = await readUnder(intervened, texts, rows);
      for (const [k, { site }] of changes.entries())
        expect(differenceOf(found[k], alone[site]), site).toBeLessThan(1e-4);
      expect(differenceOf(found[changes.length], all)).toBeLessThan(1e-4);
      // Untouched rows, in a batch of the same size, since products of other sizes are rounded otherwise.
      const untouched = await readUnder(intervened, texts);
      expect(found.at(-1)).toEqual(untouched.at(-1));
      expect(untouched).toEqual(await readUnder(subject, texts));
    });

    test('at all sites, generates what PyTorch with hooks generates', async () => {
      const rows = rowInterventions(intervened.intervened, [changes, []]);
      const prompts = [Int32Array.from(prompt), Int32Array.from(prompt)];
      const made = await intervened.generate({ prompts, newTokens: 5, sampling: greedy, interventions: rows });
      expect([...made.tokens[0]]).toEqual(generated);
      expect(differenceOf([...made.logProbabilities[0]], chosen)).toBeLessThan(1e-4);
      const untouched = await intervened.generate({ prompts, newTokens: 5, sampling: greedy });
      expect(made.tokens[1]).toEqual(untouched.tokens[0]);
      expect(made.logProbabilities[1]).toEqual(untouched.logProbabilities[0]);
    });
  });
});

/** What lies inside gated feed-forwards is the product of transformers' gate and up-projection. Experts' are in mixture.test.ts, and those of a block's own inputs in inside-block.test.ts. */
function expectGatedProducts(
  { sites }: Subject,
  expected: Map<string, Float32Array>,
  found: Map<string, Float32Array>,
) {
  const modules = [...expected.keys()].flatMap((site) => /^(.*mlp)\.(?:gate_up_proj|gate_proj)$/.exec(site)?.[1] ?? []);
  if (modules.length === 0) return;
  const inside = sites.filter(({ name }) => liesInside(name) && !/\.experts#|\.layers\.\d+#/.test(name));
  expect(inside.map(({ name }) => name.split('#')[0])).toEqual(expect.arrayContaining(modules));
  expect(inside.every(({ kind }) => kind === 'gated')).toBe(true);
  for (const { name, width } of inside) {
    const module = name.split('#')[0];
    const gate = expected.get(`${module}.act_fn`) ?? expected.get(`${module}.activation_fn`)!;
    const up = expected.get(`${module}.up_proj`);
    const joined = expected.get(`${module}.gate_up_proj`);
    const through = (i: number) => (up ? up[i] : joined![i + (Math.floor(i / width) + 1) * width]);
    const product = gate.map((value, i) => value * through(i));
    expect(relativeDifference(found.get(name)!, product), name).toBeLessThan(1e-4);
  }
}

function bySiteOrder(subject: Subject) {
  const place = new Map(subject.sites.map((s, i) => [s.name, i]));
  return (a: string, b: string) => (place.get(a) ?? -1) - (place.get(b) ?? -1);
}
