import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import { permutationT, planPermutations, planSignFlips, signFlipT } from '../../src/index.js';

function golden(name: string): Float64Array {
  const bytes = readFileSync(new URL(`../fixtures/permutation/perm_${name}.f64`, import.meta.url));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

const power = (log10p: Float64Array) => log10p.map((log) => 10 ** log);

describe('exhaustive permutation gives the exact p of numpy', () => {
  test('for two samples in one block', async () => {
    const plan = planPermutations({
      labels: [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
      runs: new Int32Array(12),
      count: 1000,
      seed: 1,
    });
    expect([plan.exhaustive, plan.count]).toEqual([true, 924]);
    const found = await permutationT({ means: golden('twosample_data'), prompts: 12, units: 64, plan, tail: 'two' });
    expectWithinRelative(found.t, golden('twosample_t'), 1e-9);
    expectWithinRelative(power(found.log10pUncorrected), golden('twosample_p_unc'), 1e-12);
    expectWithinRelative(power(found.log10pFamilywise), golden('twosample_p_fwe'), 1e-12);
    expectWithinRelative(found.maximumNull.slice().sort(), golden('twosample_maxnull_sorted'), 1e-9);
  });

  test('for sign flips', async () => {
    const plan = planSignFlips({ rows: 12, count: 5000, seed: 1 });
    expect([plan.exhaustive, plan.count]).toEqual([true, 4096]);
    const found = await signFlipT({ means: golden('signflip_data'), prompts: 12, units: 64, plan });
    expectWithinRelative(found.t, golden('signflip_t'), 1e-9);
    expectWithinRelative(power(found.log10pUncorrected), golden('signflip_p_unc'), 1e-12);
    expectWithinRelative(power(found.log10pFamilywise), golden('signflip_p_fwe'), 1e-12);
    expectWithinRelative(found.maximumNull.slice().sort(), golden('signflip_maxnull_sorted'), 1e-9);
  });

  test('and random flips come close to it', async () => {
    const plan = planSignFlips({ rows: 12, count: 4000, seed: 3 });
    expect([plan.exhaustive, plan.count]).toEqual([false, 4000]);
    const found = await signFlipT({ means: golden('signflip_data'), prompts: 12, units: 64, plan });
    const exact = golden('signflip_p_fwe');
    // 5 standard errors of a proportion of 4,000.
    power(found.log10pFamilywise).forEach((p, i) => {
      expect(Math.abs(p - exact[i])).toBeLessThan(5 * Math.sqrt((exact[i] * (1 - exact[i])) / 4000) + 1 / 4000);
    });
  });
});
