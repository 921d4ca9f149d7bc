import { fitSeries } from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import type { TContrastResult } from '@galvani/statistics';
import { expect, test } from 'vitest';

const rows = 120;
const units = 3;
const stream = randomStream(1, 'offset');
/** Multiples of 1/64, so that adding a power of two up to 2^46 loses nothing. */
const series = Float64Array.from(
  { length: rows * units },
  (_, i) => Math.round(stream.normal() * 64) / 64 + (Math.floor(i / units / 5) % 2),
);
const events = Array.from({ length: 24 }, (_, b) => ({
  onset: b * 5,
  duration: 5,
  trialType: b % 2 ? 'a' : 'rest',
  prompt: String(b),
}));

async function withOffset(noise: 'prompt' | 'ols' | 'ar1' | 'ar1+prompt' | 'arma11', offset: number) {
  const { fit, contrasts } = await fitSeries({
    series: series.map((value, i) => (i % units === 1 ? value + offset : value)),
    rows,
    units,
    events,
    config: { noise, relabellings: 100 },
  });
  const { t, effect, log10pFamilywise } = contrasts.get('a') as TContrastResult & { log10pFamilywise: Float64Array };
  return { flags: fit.flags, t, effect, log10pFamilywise };
}

test.each(['prompt', 'ols', 'ar1', 'ar1+prompt', 'arma11'] as const)(
  '%s: a level changes nothing, and where the numbers run out a unit is flagged in every statistic',
  async (noise) => {
    const plain = await withOffset(noise, 0);
    for (const power of [10, 20, 30, 40, 46]) {
      const shifted = await withOffset(noise, (power % 20 ? 1 : -1) * 2 ** power);
      expect([...shifted.flags]).toEqual([0, 0, 0]);
      for (let u = 0; u < units; u++) {
        expect(shifted.t[u] / plain.t[u]).toBeCloseTo(1, 9);
        expect(shifted.effect[u] / plain.effect[u]).toBeCloseTo(1, 9);
        expect(shifted.log10pFamilywise[u]).toBe(plain.log10pFamilywise[u]);
      }
    }
    for (let exponent = 12; exponent <= 300; exponent += exponent < 20 ? 0.5 : 40) {
      const { flags, t, log10pFamilywise } = await withOffset(noise, 10 ** exponent);
      expect(Number.isFinite(t[1])).toBe(flags[1] === 0);
      expect(Number.isFinite(log10pFamilywise[1])).toBe(flags[1] === 0);
      for (const u of [0, 2]) expect(t[u]).toBe(plain.t[u]);
    }
  },
);
