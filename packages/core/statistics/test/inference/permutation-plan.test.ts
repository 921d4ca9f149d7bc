import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planPermutations, planSignFlips, requireExchangeable } from '../../src/index.js';
import { countArrangements, listArrangements } from '../../src/inference/arrangement.js';

const rowsOf = (source: Int32Array, rows: number) =>
  Array.from({ length: source.length / rows }, (_, i) => [...source.subarray(i * rows, (i + 1) * rows)]);

describe('arrangements', () => {
  test('are as many as the multinomial coefficient, all different, the given one among them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }), (kinds) => {
        const items = kinds.map((kind, i) => ({ kind, i }));
        const all = listArrangements(items, (item) => item.kind);
        const names = all.map((order) => order.map((item) => item.kind).join());
        expect(new Set(names).size).toBe(all.length);
        expect(all.length).toBe(countArrangements(kinds));
        expect(names).toContain(kinds.join());
        expect(all.find((order) => order.every((item, i) => item.kind === kinds[i]))).toEqual(items);
      }),
    );
  });

  test('are counted beyond what could be listed', () => {
    expect(countArrangements(Array.from({ length: 18 }, (_, i) => (i < 6 ? 1 : 0)))).toBe(18564);
    expect(countArrangements(Array.from({ length: 400 }, (_, i) => i))).toBe(Infinity);
  });
});

describe('a permutation plan', () => {
  const labels = [1, 0, 0, 1, 1, 0, 0];
  const runs = Int32Array.of(4, 4, 4, 9, 9, 9, 9);

  test('lists every combination over runs when they are few', () => {
    const plan = planPermutations({ labels, runs, count: 18, seed: 1 });
    expect([plan.exhaustive, plan.count]).toEqual([true, 3 * 6]);
    const permuted = rowsOf(plan.source, 7).map((order) => order.map((row) => labels[row]).join());
    expect(new Set(permuted).size).toBe(18);
    expect(permuted).toContain(labels.join());
  });

  test('draws at random when they are many, labels staying in their block', () => {
    const plan = planPermutations({ labels, runs, count: 17, seed: 1 });
    expect([plan.exhaustive, plan.count]).toEqual([false, 17]);
    for (const order of rowsOf(plan.source, 7)) {
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
      order.forEach((row, b) => {
        expect(runs[row]).toBe(runs[b]);
      });
    }
  });

  test('is the same for the same seed and another for another', () => {
    const many = { labels: labels.concat(labels), runs: Int32Array.of(...runs, ...runs), count: 30 };
    const plan = planPermutations({ ...many, seed: 1 });
    expect(planPermutations({ ...many, seed: 1 })).toEqual(plan);
    expect(planPermutations({ ...many, seed: 2 }).source).not.toEqual(plan.source);
  });

  test('draws each row to each place of its block equally often', () => {
    const count = 6000;
    const plan = planPermutations({ labels: [0, 1, 2, 3, 4, 5, 6, 7], runs: new Int32Array(8), count, seed: 3 });
    const hits = new Float64Array(64);
    for (const order of rowsOf(plan.source, 8))
      order.forEach((row, b) => {
        hits[b * 8 + row]++;
      });
    const chiSquared = hits.reduce((sum, hit) => sum + (hit - count / 8) ** 2 / (count / 8), 0);
    expect(chiSquared).toBeLessThan(93); // 49 degrees of freedom, p = 1e-4
  });

  test('counts rows as interchangeable only when their nuisance and condition agree too', () => {
    const two = { labels: [1, 1, 0, 0], runs: new Int32Array(4), count: 24, seed: 1 };
    expect(planPermutations(two).count).toBe(6);
    expect(planPermutations({ ...two, nuisance: [0.1, 0.2, 0.3, 0.5] }).count).toBe(24);
    expect(planPermutations({ ...two, conditions: Int32Array.of(1, 1, 1, 0) }).count).toBe(12);
  });

  test('refuses labels that do not vary inside a block', () => {
    expect(() =>
      planPermutations({ labels: [1, 1, 0, 0], runs: Int32Array.of(0, 0, 1, 1), count: 9, seed: 1 }),
    ).toThrow(/do not vary inside any exchangeability block/);
  });

  test('refuses to shuffle tokens, and says why', () => {
    expect(() => planPermutations({ labels, runs, count: 9, seed: 1, exchange: 'token' })).toThrow(
      /share its content .* not exchangeable.*Relabel whole prompts/,
    );
    expect(() => requireExchangeable('layer')).toThrow(/"layer" cannot be exchanged/);
  });
});

describe('a sign flip plan', () => {
  test('lists all flips when they are few', () => {
    const plan = planSignFlips({ rows: 4, count: 16, seed: 1 });
    expect(plan.exhaustive).toBe(true);
    const flips = Array.from({ length: 16 }, (_, i) => plan.signs!.subarray(i * 4, i * 4 + 4).join());
    expect(new Set(flips).size).toBe(16);
    expect(flips).toContain('1,1,1,1');
  });

  test('refuses one session', () => {
    expect(() => planSignFlips({ rows: 1, count: 16, seed: 1 })).toThrow(/takes 2 or more/);
  });
});
