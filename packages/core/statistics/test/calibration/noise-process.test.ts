import { logGamma, randomStream } from '@galvani/numerics';
import { describe, expect, test } from 'vitest';
import { noiseProcesses, simulateNoise, varianceOfMean } from '../../src/index.js';

const named = (name: string) => noiseProcesses.find((noise) => noise.name === name)!;

/** Autocorrelation from the weights of past innovations, y_t = sum psi_i e_(t-i). */
function fromWeights(step: (psi: number[]) => number, k: number): number {
  const psi = [1];
  for (let i = 1; i < 4000; i++) psi.push(step(psi));
  const covariance = (lag: number) => psi.slice(lag).reduce((sum, value, i) => sum + value * psi[i], 0);
  return covariance(k) / covariance(0);
}

describe('autocorrelations', () => {
  const last = (psi: number[], back = 1) => psi[psi.length - back] ?? 0;
  const steps: Record<string, (psi: number[]) => number> = {
    'ar1 .6': (psi) => 0.6 * last(psi),
    'ar2 .5 .3': (psi) => 0.5 * last(psi) + 0.3 * last(psi, 2),
    'arma .9 -.6': (psi) => 0.9 * last(psi) - (psi.length === 1 ? 0.6 : 0),
  };
  for (const [name, step] of Object.entries(steps))
    test(`${name} agree with the sum over past innovations`, () => {
      for (let k = 0; k < 10; k++) expect(named(name).autocorrelation(k)).toBeCloseTo(fromWeights(step, k), 10);
    });

  test('long memory agrees with gamma functions', () => {
    const d = 0.3;
    for (let k = 0; k < 10; k++) {
      const log = logGamma(1 - d) + logGamma(k + d) - logGamma(d) - logGamma(k + 1 - d);
      expect(named('long memory .3').autocorrelation(k)).toBeCloseTo(Math.exp(log), 12);
    }
  });
});

describe('simulated series', () => {
  const tokens = 6;
  const prompts = 5000;
  for (const noise of noiseProcesses)
    test(`${noise.name}: covariance as it should be inside a prompt, none across, variance of the mean`, () => {
      const series = simulateNoise(noise, prompts, tokens, 2, randomStream(1, noise.name));
      const at = (prompt: number, token: number, unit = 0) => series[(prompt * tokens + token) * 2 + unit];
      const average = (valueAt: (prompt: number) => number) => {
        let sum = 0;
        for (let prompt = 0; prompt < prompts - 1; prompt++) sum += valueAt(prompt);
        return sum / (prompts - 1);
      };
      const bound = (6 * (1 + noise.promptVariance) * Math.SQRT2) / Math.sqrt(prompts);
      for (let k = 0; k < tokens; k++) {
        const covariance = average((prompt) => at(prompt, 0) * at(prompt, k));
        expect(Math.abs(covariance - noise.autocorrelation(k) - noise.promptVariance)).toBeLessThan(bound);
      }
      expect(Math.abs(average((prompt) => at(prompt, tokens - 1) * at(prompt + 1, 0)))).toBeLessThan(bound);
      expect(Math.abs(average((prompt) => at(prompt, 0) * at(prompt, 0, 1)))).toBeLessThan(bound);
      const mean = (prompt: number) => [0, 1, 2, 3, 4, 5].reduce((sum, token) => sum + at(prompt, token), 0) / tokens;
      expect(Math.abs(average((prompt) => mean(prompt) ** 2) / varianceOfMean(noise, tokens) - 1)).toBeLessThan(0.12);
    });
});
