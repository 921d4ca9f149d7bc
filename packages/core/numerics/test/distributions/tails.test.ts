import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectWithinAbsolute, expectWithinRelative } from '../../../../../test/closeness.js';
import {
  betaLogCdf,
  betaQuantile,
  chi2LogSf,
  fLogSf,
  fQuantile,
  log1mExp,
  logAddExp,
  logBeta,
  noncentralFCdf,
  noncentralFLambda,
  noncentralTCdf,
  noncentralTDelta,
  normalCdf,
  normalLogSf,
  normalQuantile,
  tDegreesOfFreedom,
  tLogSf,
  tLogTwoSided,
  tQuantile,
  zFromLogP,
} from '../../src/index.js';
import { goldenArray } from '../golden-array.js';

const tails: Record<'t' | 'f' | 'chi2' | 'normal' | 'z' | 'log_beta' | 'nct' | 'ncf', (number | string)[][]> =
  JSON.parse(readFileSync(new URL('../fixtures/tails.json', import.meta.url), 'utf8'));

function expectRelative(found: number, expected: number, relative: number, where: unknown): void {
  // Fixtures say 0 where the other tail is below their 60 digits.
  if (expected === 0) expectWithinAbsolute(found, 0, relative * 1e-40, where);
  else expectWithinRelative(found, expected, relative, where);
}

describe('log tails against mpmath, relative 1e-12', () => {
  test('t, one-sided and two-sided', () => {
    for (const [t, df, log, both] of tails.t as [number, number, string, string][]) {
      expectRelative(tLogSf(t, df), Number(log), 1e-12, { t, df });
      expectRelative(tLogTwoSided(t, df), Number(both), 1e-12, { t, df });
    }
  });
  test('F', () => {
    for (const [f, d1, d2, log] of tails.f as [number, number, number, string][]) {
      expectRelative(fLogSf(f, d1, d2), Number(log), 1e-12, { f, d1, d2 });
    }
  });
  test('chi-squared', () => {
    for (const [x, df, log] of tails.chi2 as [number, number, string][]) {
      expectRelative(chi2LogSf(x, df), Number(log), 1e-12, { x, df });
    }
  });
  test('normal', () => {
    for (const [z, log] of tails.normal as [number, string][]) {
      expectRelative(normalLogSf(z), Number(log), 1e-12, { z });
    }
  });
  test('log beta', () => {
    for (const [a, b, log] of tails.log_beta as [number, number, string][]) {
      expectRelative(logBeta(a, b), Number(log), 1e-12, { a, b });
    }
  });
  test('z, to 1e-10', () => {
    for (const [log, z] of tails.z as [number, string][]) {
      expect(Math.abs(zFromLogP(log) - Number(z)), `${log}`).toBeLessThanOrEqual(
        1e-10 * Math.max(1, Math.abs(Number(z))),
      );
    }
  });
});

describe('extreme statistics', () => {
  test('t up to 300', () => {
    const [t, df, logs, z] = ['extreme_t', 'extreme_df', 'extreme_t_logsf', 'extreme_t_z'].map((name) =>
      goldenArray(name),
    );
    t.forEach((value, i) => {
      df.forEach((nu, j) => {
        const at = i * df.length + j;
        expectRelative(tLogSf(value, nu), logs[at], 1e-12, { value, nu });
        expectRelative(tLogTwoSided(-value, nu), logs[at] + Math.LN2, 1e-12, { value, nu });
        expectRelative(zFromLogP(tLogSf(value, nu)), z[at], 1e-10, { value, nu });
      });
    });
    expect(zFromLogP(tLogSf(300, 5000))).toBeCloseTo(121.3303794344667, 9);
  });
  test('F up to 10,000', () => {
    const [args, logs, z] = ['extreme_F_args', 'extreme_F_logsf', 'extreme_F_z'].map((name) => goldenArray(name));
    for (let i = 0; i < logs.length; i++) {
      const [f, d1, d2] = args.slice(3 * i, 3 * i + 3);
      expectRelative(fLogSf(f, d1, d2), logs[i], 1e-12, { f, d1, d2 });
      expectRelative(zFromLogP(fLogSf(f, d1, d2)), z[i], 1e-10, { f, d1, d2 });
    }
  });
  test('normal up to 1,000', () => {
    const z = goldenArray('extreme_normal_z');
    goldenArray('extreme_normal_logsf').forEach((log, i) => {
      expectRelative(normalLogSf(z[i]), log, 1e-12, z[i]);
    });
  });
});

describe('non-central distributions', () => {
  test('t against quadrature in mpmath', () => {
    for (const [t, df, delta, cdf] of tails.nct as number[][]) {
      expect(Math.abs(noncentralTCdf(t, df, delta) - cdf), `${t} ${df} ${delta}`).toBeLessThan(1e-10);
    }
  });
  test('F against scipy', () => {
    for (const [f, d1, d2, lambda, cdf] of tails.ncf as number[][]) {
      expect(Math.abs(noncentralFCdf(f, d1, d2, lambda) - cdf), `${f} ${d1} ${d2} ${lambda}`).toBeLessThan(1e-10);
    }
  });
  test('parameters are the inverses of the distributions', () => {
    for (const t of [-30, -2, 0, 0.5, 4, 60]) {
      for (const df of [4, 31.5, 900]) {
        const delta = noncentralTDelta(t, df, 0.975);
        expect(noncentralTCdf(t, df, delta)).toBeCloseTo(0.975, 9);
      }
    }
    for (const f of [3, 8, 90]) {
      expect(noncentralFCdf(f, 4, 80, noncentralFLambda(f, 4, 80, 0.025))).toBeCloseTo(0.025, 9);
    }
    expect(noncentralFLambda(0.5, 4, 80, 0.975)).toBe(0);
  });
});

describe('laws', () => {
  const df = fc.double({ min: 0.5, max: 1e7, noNaN: true });
  const p = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true });
  test('both tails of t add up to one', () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), df, (t, nu) => {
        expect(Math.exp(logAddExp(tLogSf(t, nu), tLogSf(-t, nu)))).toBeCloseTo(1, 12);
      }),
    );
  });
  test('F with one numerator degree of freedom is t squared', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 200, noNaN: true }), df, (t, nu) => {
        const both = tLogTwoSided(t, nu);
        expect(Math.abs(fLogSf(t * t, 1, nu) - both)).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(both)));
      }),
    );
  });
  test('t with infinite degrees of freedom is normal', () => {
    for (const t of [-3, 0, 0.2, 9]) {
      expect(tLogSf(t, Number.POSITIVE_INFINITY)).toBe(normalLogSf(t));
      expectRelative(tLogSf(t, 1e15), normalLogSf(t), 1e-12, t);
    }
  });
  test('quantiles invert distributions', () => {
    fc.assert(
      fc.property(p, df, (q, nu) => {
        expect(Math.exp(tLogSf(-tQuantile(q, nu), nu))).toBeCloseTo(q, 10);
        expect(normalCdf(normalQuantile(q))).toBeCloseTo(q, 12);
      }),
    );
    fc.assert(
      fc.property(
        p,
        fc.double({ min: 0.3, max: 500, noNaN: true }),
        fc.double({ min: 0.3, max: 500, noNaN: true }),
        (q, a, b) => {
          const x = betaQuantile(q, a, b);
          // Where x has rounded to an end, or is too coarse to hold q, there is nothing to invert.
          fc.pre(x > 1e-12 && x < 1 - 1e-7);
          expect(Math.exp(betaLogCdf(x, a, b))).toBeCloseTo(q, 7);
        },
      ),
    );
    expect(1 - Math.exp(fLogSf(fQuantile(0.95, 3, 20), 3, 20))).toBeCloseTo(0.95, 12);
  });
  test('z grows as the tail shrinks, and its sign is the tail’s side', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: -1e-12, noNaN: true }), (log) => {
        const z = zFromLogP(log);
        expect(Math.sign(z)).toBe(Math.sign(-Math.LN2 - log));
        expect(zFromLogP(log * 1.0001)).toBeGreaterThan(z);
      }),
    );
  });
  test('log(1 - exp(x)) is its own inverse', () => {
    for (const x of [-1e-10, -0.1, -0.7, -5, -30]) expectRelative(log1mExp(log1mExp(x)), x, 1e-9, x);
  });
  test('passes NaN on and answers at the ends', () => {
    expect(tLogSf(Number.NaN, 3)).toBeNaN();
    expect(tLogSf(1, 0)).toBeNaN();
    expect(fLogSf(Number.NaN, 1, 3)).toBeNaN();
    expect(zFromLogP(0.1)).toBeNaN();
    expect(zFromLogP(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(zFromLogP(Number.NEGATIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(tLogSf(Number.POSITIVE_INFINITY, 3)).toBe(Number.NEGATIVE_INFINITY);
    expect(fLogSf(0, 2, 3)).toBe(0);
    // P(T > t) of two degrees of freedom is close to 1 / (2 t^2).
    expect(tLogSf(1e200, 2)).toBeCloseTo(-400 * Math.LN10 - Math.LN2, 9);
  });
});

test('degrees of freedom follow from t and its tail', () => {
  for (const df of [0.7, 3, 7.5, 41.3, 1000])
    for (const t of [0.4, -2, 9, 60]) expect(tDegreesOfFreedom(t, tLogTwoSided(t, df)) / df).toBeCloseTo(1, 6);
  expect(tDegreesOfFreedom(2, tLogTwoSided(2, Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
  expect(tDegreesOfFreedom(0, 0)).toBeNaN();
});
