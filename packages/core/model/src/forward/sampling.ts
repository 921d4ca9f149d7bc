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
 * probable (ties: the lower id), then of these the fewest whose probabilities, renormalized, add up to topP. `tempered`
 * may hold probabilities at this temperature, which then need not be computed.
 */
export function drawToken(
  logProbabilities: Float32Array,
  { temperature, topK, topP }: { temperature: number; topK?: number; topP?: number },
  uniform: number,
  tempered?: Float32Array,
): number {
  const cut = (topK !== undefined && topK < logProbabilities.length) || (topP !== undefined && topP < 1);
  if (!cut) return drawFrom(tempered ?? temper(logProbabilities, temperature), uniform);
  const highest = highestOf(logProbabilities);
  const weightOf = tempered
    ? (id: number) => tempered[id]
    : (id: number) => Math.exp((logProbabilities[id] - highest) / temperature);
  const order = mostProbable(logProbabilities, highest, weightOf, topK ?? logProbabilities.length, topP ?? 1);
  return order[drawFrom(Float64Array.from(order, weightOf), uniform)];
}

/** Weights whose sum is passed over at once. */
const blockLength = 128;

/** Index i with probability weights[i] / Σ weights: where the running sum passes uniform × Σ weights. */
function drawFrom(weights: Float32Array | Float64Array, uniform: number): number {
  const blocks = new Float64Array(Math.ceil(weights.length / blockLength));
  let total = 0;
  for (let b = 0; b < blocks.length; b++) {
    blocks[b] = sumOf(weights, b * blockLength, Math.min(weights.length, (b + 1) * blockLength));
    total += blocks[b];
  }
  const wanted = uniform * total;
  let block = 0;
  let sum = 0;
  while (block < blocks.length - 1 && sum + blocks[block] <= wanted) sum += blocks[block++];
  for (let i = block * blockLength; i < weights.length; i++) {
    sum += weights[i];
    if (sum > wanted) return i;
  }
  // One by one they may come to less than in blocks, by rounding.
  let last = weights.length - 1;
  while (last > 0 && weights[last] === 0) last--;
  return last;
}

/** Four sums at once, since each addition would wait for the one before. */
function sumOf(weights: Float32Array | Float64Array, from: number, until: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = from;
  for (; i + 3 < until; i += 4) {
    a += weights[i];
    b += weights[i + 1];
    c += weights[i + 2];
    d += weights[i + 3];
  }
  for (; i < until; i++) a += weights[i];
  return a + b + (c + d);
}

/** Weights in proportion to probability^(1 / temperature), the highest being 1. */
function temper(logProbabilities: Float32Array, temperature: number): Float64Array {
  const highest = highestOf(logProbabilities);
  const weights = new Float64Array(logProbabilities.length);
  for (let i = 0; i < weights.length; i++) weights[i] = Math.exp((logProbabilities[i] - highest) / temperature);
  return weights;
}

function highestOf(values: Float32Array): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i] > highest) highest = values[i];
  return highest;
}

const binsPerNat = 64;
const bins = 4096;

/**
 * Ids of the tokens that topK and topP leave, most probable first, ties by id. Counting tokens and their mass in bins of 1/64
 * nat finds those that can be left, so that a few are sorted and not the whole vocabulary.
 */
function mostProbable(
  logProbabilities: Float32Array,
  highest: number,
  weightOf: (id: number) => number,
  topK: number,
  topP: number,
): number[] {
  const binOf = (i: number) => Math.min(bins - 1, Math.floor((highest - logProbabilities[i]) * binsPerNat));
  const counts = new Float64Array(bins);
  for (let i = 0; i < logProbabilities.length; i++) counts[binOf(i)]++;
  let last = 0;
  for (let seen = counts[0]; seen < topK && last < bins - 1; ) seen += counts[++last];
  let candidates: number[] = [];
  if (topP < 1 && topK >= logProbabilities.length) {
    const masses = new Float64Array(bins);
    let total = 0;
    for (let i = 0; i < logProbabilities.length; i++) {
      const weight = weightOf(i);
      masses[binOf(i)] += weight;
      total += weight;
    }
    last = 0;
    for (let mass = masses[0]; mass < topP * total && last < bins - 1; ) mass += masses[++last];
    // One bin more, so that rounding of the sums cannot cut a token too many.
    last = Math.min(bins - 1, last + 1);
  }
  for (let i = 0; i < logProbabilities.length; i++) if (binOf(i) <= last) candidates.push(i);
  candidates.sort((a, b) => logProbabilities[b] - logProbabilities[a] || a - b);
  candidates = candidates.slice(0, topK);
  if (topP >= 1) return candidates;
  let total = 0;
  if (topK < logProbabilities.length) for (const id of candidates) total += weightOf(id);
  else for (let i = 0; i < logProbabilities.length; i++) total += weightOf(i);
  let kept = 0;
  for (let sum = 0; kept < candidates.length && sum < topP * total; ) sum += weightOf(candidates[kept++]);
  return candidates.slice(0, Math.max(1, kept));
}
