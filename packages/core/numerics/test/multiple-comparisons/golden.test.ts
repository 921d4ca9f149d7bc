import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  benjaminiHochberg,
  benjaminiYekutieli,
  bonferroni,
  holm,
  hommel,
  hommelValue,
  rejectionThreshold,
} from '../../src/index.js';

const folder = new URL('../fixtures/multiple-comparisons/', import.meta.url);
function golden(name: string): Float64Array {
  const bytes = readFileSync(new URL(`${name}.f64`, folder));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
const thresholds: Record<string, Record<string, number>> = JSON.parse(
  readFileSync(new URL('thresholds.json', folder), 'utf8'),
);
const methods = { bonferroni, holm, hommel, fdr_bh: benjaminiHochberg, fdr_by: benjaminiYekutieli };

function expectSameP(logAdjusted: Float64Array, expected: Float64Array): void {
  logAdjusted.forEach((log, i) => {
    if (expected[i] === 0) expect(log).toBe(-Infinity);
    else expect(Math.abs(Math.exp(log) / expected[i] - 1), `unit ${i}`).toBeLessThan(2e-12);
  });
}

describe('adjusted p of statsmodels', () => {
  for (const family of ['ols_t0', 'ols_t2', 'ar1_exact_t0', 'ar1_exact_t2'])
    for (const [name, correct] of Object.entries(methods))
      test(`${name} on ${family}`, () => {
        const p = golden(`mc_${family}_p_two_sided`);
        expectSameP(correct(p.map(Math.log)), golden(`mc_${family}_${name}`));
      });
  for (const name of ['bonferroni', 'holm', 'fdr_bh', 'fdr_by'] as const)
    test(`${name} on p with ties, 0 and 1`, () => {
      expectSameP(methods[name](golden('mc_ptest_p').map(Math.log)), golden(`mc_ptest_${name}`));
    });
});

describe('thresholds of nilearn', () => {
  for (const [key, expected] of Object.entries(thresholds)) {
    const [, model, contrast, alphaText] = /^(.*)_t(\d)_alpha(.*)$/.exec(key)!;
    const alpha = Number(alphaText);
    const at = 64 * Number(contrast);
    const logSf = golden(`${model}_t_logsf`).subarray(at, at + 64);
    const z = golden(`${model}_t_z`).subarray(at, at + 64);
    test(`Hommel's value, ${key}`, () => {
      expect(hommelValue(logSf, alpha)).toBe(expected.hommel);
    });
    test(`false discovery rate, ${key}`, () => {
      const found = rejectionThreshold(logSf, benjaminiHochberg(logSf), alpha);
      expect(z[logSf.indexOf(found)]).toBeCloseTo(expected.fdr_z_one_sided, 8);
    });
  }
});
