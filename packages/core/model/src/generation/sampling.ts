import { UserMistake } from '@galvani/terminal';

/** How the next token is chosen. Temperature divides the logits; topK and topP then cut the distribution. */
export type Sampling =
  | { method: 'greedy' }
  | { method: 'sample'; temperature: number; topK?: number; topP?: number; seed: number | string };

/** Refuses settings that mean nothing. */
export function checkSampling(sampling: Sampling): void {
  if (sampling.method === 'greedy') return;
  const { temperature, topK, topP } = sampling;
  if (!(temperature > 0 && Number.isFinite(temperature)))
    throw new UserMistake(
      `temperature is ${temperature} and has to be above 0; greedy decoding is a method of its own.`,
    );
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1))
    throw new UserMistake(`topK is ${topK} and has to be a whole number from 1 on.`);
  if (topP !== undefined && !(topP > 0 && topP <= 1))
    throw new UserMistake(`topP is ${topP} and has to lie above 0 and at most at 1.`);
}

/**
 * Draws a token from log probabilities [vocabulary] with one uniform number in [0, 1): temperature first, then the topK most
 * probable (ties: the lower id), then of these the fewest whose probabilities, renormalized, add up to topP.
 */
export function drawToken(
  logProbabilities: Float32Array,
  { temperature, topK, topP }: { temperature: number; topK?: number; topP?: number },
  uniform: number,
): number {
  if ((topK === undefined || topK >= logProbabilities.length) && (topP === undefined || topP === 1))
    return drawFromAll(logProbabilities, temperature, uniform);
  const order = mostProbable(logProbabilities, topK ?? logProbabilities.length);
  const weights = order.map((id) => Math.exp((logProbabilities[id] - logProbabilities[order[0]]) / temperature));
  let total = weights.reduce((a, b) => a + b, 0);
  let kept = order.length;
  if (topP !== undefined && topP < 1) {
    let sum = 0;
    kept = 0;
    while (kept < order.length && sum < topP * total) sum += weights[kept++];
    total = sum;
  }
  let rest = uniform * total;
  for (let i = 0; i < kept; i++) {
    rest -= weights[i];
    if (rest < 0) return order[i];
  }
  return order[kept - 1];
}

function drawFromAll(logProbabilities: Float32Array, temperature: number, uniform: number): number {
  const inverse = 1 / temperature;
  const weights = new Float64Array(logProbabilities.length);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    weights[i] = Math.exp(logProbabilities[i] * inverse);
    total += weights[i];
  }
  // At a low temperature every weight may underflow; measured from the highest, one of them is 1.
  if (!(total > 1e-200)) {
    const highest = logProbabilities.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    total = 0;
    for (let i = 0; i < weights.length; i++) {
      weights[i] = Math.exp((logProbabilities[i] - highest) * inverse);
      total += weights[i];
    }
  }
  let rest = uniform * total;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    last = i;
    rest -= weights[i];
    if (rest < 0) return i;
  }
  return last;
}

/** Ids of the `count` most probable tokens, most probable first; ties go to the lower id. */
function mostProbable(logProbabilities: Float32Array, count: number): number[] {
  const n = logProbabilities.length;
  let candidates = Array.from({ length: n }, (_, i) => i);
  if (count < n) {
    const sorted = Float32Array.from(logProbabilities).sort();
    const least = sorted[n - count];
    candidates = candidates.filter((i) => logProbabilities[i] >= least);
  }
  candidates.sort((a, b) => logProbabilities[b] - logProbabilities[a] || a - b);
  return candidates.slice(0, count);
}
