import { cholesky, type RandomStream } from '@galvani/numerics';

/** A stationary process that tokens of one prompt follow, afresh in each prompt, plus an intercept of the prompt. */
export interface NoiseProcess {
  readonly name: string;
  /** Autocorrelation of tokens k apart inside a prompt, the prompt's intercept left out; 1 at k = 0. */
  autocorrelation(k: number): number;
  /** Variance of the prompt's intercept, in units of the token variance. */
  readonly promptVariance: number;
}

/** The kinds of noise that every noise model is tried on, by name. */
export const noiseProcesses: readonly NoiseProcess[] = [
  process('white', (k) => (k === 0 ? 1 : 0)),
  process('ar1 .3', (k) => 0.3 ** k),
  process('ar1 .6', (k) => 0.6 ** k),
  process('ar1 .9', (k) => 0.9 ** k),
  process('ar2 .5 .3', (k) => secondOrder(0.5, 0.3, k)),
  process('arma .9 -.6', (k) => autoregressiveMovingAverage(0.9, -0.6, k)),
  process('long memory .3', (k) => fractional(0.3, k)),
  process('ar1 .3 + prompt', (k) => 0.3 ** k, 0.25),
];

function process(name: string, autocorrelation: (k: number) => number, promptVariance = 0): NoiseProcess {
  return { name, autocorrelation, promptVariance };
}

/** Yule and Walker's recursion for y_t = a y_(t-1) + b y_(t-2) + e_t. */
function secondOrder(a: number, b: number, k: number): number {
  let [before, now] = [1, a / (1 - b)];
  if (k === 0) return before;
  for (let i = 1; i < k; i++) [before, now] = [now, a * now + b * before];
  return now;
}

/** y_t = a y_(t-1) + e_t + b e_(t-1). */
function autoregressiveMovingAverage(a: number, b: number, k: number): number {
  return k === 0 ? 1 : (((a + b) * (1 + a * b)) / (1 + 2 * a * b + b * b)) * a ** (k - 1);
}

/** Fractionally integrated white noise (Hosking 1981). */
function fractional(d: number, k: number): number {
  let correlation = 1;
  for (let i = 1; i <= k; i++) correlation *= (i - 1 + d) / (i - d);
  return correlation;
}

/** Variance of the mean of a prompt of n tokens, in units of the token variance. */
export function varianceOfMean(noise: NoiseProcess, n: number): number {
  let sum = n;
  for (let k = 1; k < n; k++) sum += 2 * (n - k) * noise.autocorrelation(k);
  return sum / n ** 2 + noise.promptVariance;
}

/**
 * Series of independent units with exactly the process's covariance (a Cholesky factor of it times normal numbers), token
 * variance 1.
 *
 * @returns [prompts * tokens x units] row-major
 */
export function simulateNoise(
  noise: NoiseProcess,
  prompts: number,
  tokens: number,
  units: number,
  stream: RandomStream,
): Float64Array {
  const factor = new Float64Array(tokens * tokens);
  for (let i = 0; i < tokens; i++)
    for (let j = 0; j < tokens; j++) factor[i * tokens + j] = noise.autocorrelation(Math.abs(i - j));
  if (!cholesky(factor, tokens)) throw new RangeError(`${noise.name} is not a stationary process`);
  const intercept = Math.sqrt(noise.promptVariance);
  const series = new Float64Array(prompts * tokens * units);
  const innovations = new Float64Array(tokens);
  for (let prompt = 0; prompt < prompts; prompt++)
    for (let unit = 0; unit < units; unit++) {
      const level = intercept === 0 ? 0 : intercept * stream.normal();
      for (let i = 0; i < tokens; i++) {
        innovations[i] = stream.normal();
        let value = level;
        for (let j = 0; j <= i; j++) value += factor[i * tokens + j] * innovations[j];
        series[(prompt * tokens + i) * units + unit] = value;
      }
    }
  return series;
}
