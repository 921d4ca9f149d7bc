import type { Patterns } from '../decoders/inner-products.js';

/** Units whose values of all prompts stay in the processor's cache while they are added to one sum after the other. */
const tile = 256;

/**
 * Of every unit its values about each prompt's mean, times the prompts' weights.
 *
 * @param values [prompts x units], row-major
 * @param weights [sums x prompts]
 * @returns [sums x units]
 * @example weightedSums(Float64Array.of(1, 5, 2, 3), Float64Array.of(3, 2), Float64Array.of(1, 10), 2) // [-2, 12]
 */
export function weightedSums(
  values: Patterns,
  means: Float64Array,
  weights: Float64Array,
  units: number,
): Float64Array {
  const prompts = means.length;
  const sums = new Float64Array((weights.length / prompts) * units);
  for (let from = 0; from < units; from += tile) {
    const width = Math.min(tile, units - from);
    for (let first = 0, to = from; first < weights.length; first += prompts, to += units) {
      let i = 0;
      // Four prompts to each time that a sum is read and written.
      for (; i + 3 < prompts; i += 4)
        addFour(values, i * units + from, units, means, weights, i, first, sums, to, width);
      for (; i < prompts; i++) {
        const weight = weights[first + i];
        const mean = means[i];
        for (let u = 0, at = i * units + from; u < width; u++, at++) sums[to + u] += weight * (values[at] - mean);
      }
    }
  }
  return sums;
}

function addFour(
  values: Patterns,
  at: number,
  units: number,
  means: Float64Array,
  weights: Float64Array,
  prompt: number,
  first: number,
  sums: Float64Array,
  to: number,
  width: number,
): void {
  const [m0, m1, m2, m3] = [means[prompt], means[prompt + 1], means[prompt + 2], means[prompt + 3]];
  const own = first + prompt;
  const [w0, w1, w2, w3] = [weights[own], weights[own + 1], weights[own + 2], weights[own + 3]];
  const [a, b, c, d] = [at, at + units, at + 2 * units, at + 3 * units];
  for (let u = 0; u < width; u++)
    sums[to + u] =
      sums[to + u] +
      w0 * (values[a + u] - m0) +
      w1 * (values[b + u] - m1) +
      w2 * (values[c + u] - m2) +
      w3 * (values[d + u] - m3);
}
