import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupPrompts, nextRun, type Padding, type PromptGroup } from '../../src/onnx-import/prompt-groups.js';

const prompt = fc.array(fc.nat(90), { minLength: 1, maxLength: 80 }).map((ids) => Int32Array.from(ids));
const prompts = fc.array(prompt, { minLength: 1, maxLength: 30 });
const paddings: (Padding | undefined)[] = ['front', 'behind', undefined];

test('every prompt is in one group, of which none is larger than it may be', () => {
  fc.assert(
    fc.property(prompts, fc.integer({ min: 1, max: 9 }), fc.constantFrom(...paddings), (all, mostRows, padding) => {
      const groups = groupPrompts(all, mostRows, padding);
      const rows = groups.flatMap((group) => group.rows).sort((a, b) => a - b);
      expect(rows).toEqual([...all.keys()]);
      for (const { rows, texts } of groups) {
        expect(rows.length).toBeLessThanOrEqual(mostRows);
        expect(texts).toEqual(rows.map((row) => [...all[row]]));
        const lengths = texts.map(({ length }) => length);
        const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];
        expect(longest).toBeLessThanOrEqual(padding ? Math.max(32, 2 * shortest) : shortest);
      }
    }),
  );
});

test('prompts of one length are one group without padding, and stay one however long they are', () => {
  const long = Array.from({ length: 40 }, () => new Int32Array(100));
  for (const padding of paddings) expect(groupPrompts(long, Number.POSITIVE_INFINITY, padding)).toHaveLength(1);
});

test('padding does not make a run of many tokens larger still', () => {
  const long = Array.from({ length: 40 }, (_, i) => new Int32Array(100 + i));
  const groups = groupPrompts(long, Number.POSITIVE_INFINITY, 'front');
  for (const { texts } of groups)
    expect(texts.length * Math.max(...texts.map(({ length }) => length))).toBeLessThan(2049);
});

/** What a graph is fed in all runs of a group so far, by the number that each token is said to have in its text. */
function fedTo(group: PromptGroup, steps: number, cached: boolean): Map<number, number>[] {
  const fed = group.texts.map(() => new Map<number, number>());
  for (let step = 0; step < steps; step++) {
    const { tokens, before, tokenAt, last, laid } = nextRun(group);
    for (const [r, own] of tokens.entries()) {
      expect(own.length).toBe(tokens[0].length);
      for (const [c, token] of own.entries())
        if (tokenAt(r, before + c) >= 0) fed[r].set(tokenAt(r, before + c), token);
      const masked = Array.from({ length: before + own.length }, (_, c) => tokenAt(r, c)).filter((at) => at >= 0);
      expect(masked).toEqual([...group.texts[r].keys()]);
      expect(tokenAt(r, before + last[r])).toBe(group.texts[r].length - 1);
    }
    if (cached) group.cached = { past: new Map(), ...laid };
    if (step < steps - 1) for (const text of group.texts) text.push(100 + step);
  }
  return fed;
}

test('a graph is fed each text whole, token by token at its place, and is shown no padding', () => {
  fc.assert(
    fc.property(
      prompts,
      fc.constantFrom(...paddings),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      (all, padding, steps, cached) => {
        for (const group of groupPrompts(all, 5, padding)) {
          const fed = fedTo(group, steps, cached);
          for (const [r, text] of group.texts.entries()) expect([...fed[r].values()]).toEqual(text);
        }
      },
    ),
  );
});
