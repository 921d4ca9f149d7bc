import { randomStream } from '@galvani/numerics';
import type { Patterns } from '../decoders/inner-products.js';
import { principalAxes } from '../decoders/pattern-coordinates.js';
import { selfProducts } from '../decoders/self-products.js';
import { fastIca, type Unmixing } from './fast-ica.js';
import { weightedSums } from './weighted-sums.js';

/** Spatially independent components of activity: values = time courses x maps + what they leave out. */
export interface SpatialComponents {
  /** [components x units], mean 0 and variance 1 over units, the longer tail positive. */
  maps: Float64Array;
  /** [prompts x components]. Its sums of squares are the components' shares, by which they are ordered. */
  timeCourses: Float64Array;
  /** Of the squares of all values about each prompt's mean, [components]. */
  share: Float64Array;
  /** How alike other starts' best matches are: mean |correlation| of maps, [components]; NaN for no other start. */
  stability: Float64Array;
  count: number;
  /** Whether the components settled; of further starts it is not told. */
  converged: boolean;
}

export interface SpatialComponentsOptions {
  /** Fewer where the values have fewer dimensions. */
  components: number;
  seed: number | string;
  /** Further random starts, which say how far components depend on the first. Default 4. */
  restarts?: number;
}

/**
 * Spatial ICA: maps that are independent over units, with a time course over prompts each, as of functional images. Each
 * prompt's mean over units is taken out, principal components are kept, and FastICA turns them.
 *
 * McKeown et al., Human Brain Mapping 6 (1998), 160-188; Himberg et al., NeuroImage 22 (2004), 1214-1222, on stability over starts.
 *
 * @param values [prompts x units], row-major, with each unit in its scale and about its mean
 */
export async function spatialComponents(
  values: Patterns,
  prompts: number,
  { components, seed, restarts = 4 }: SpatialComponentsOptions,
): Promise<SpatialComponents> {
  const units = values.length / prompts;
  const means = new Float64Array(prompts);
  for (let i = 0, at = 0; i < prompts; i++) for (let u = 0; u < units; u++, at++) means[i] += values[at] / units;
  const products = await selfProducts(values, units);
  let total = 0;
  for (let i = 0; i < prompts; i++) {
    for (let j = 0; j < prompts; j++) products[i * prompts + j] -= units * means[i] * means[j];
    total += products[i * (prompts + 1)];
  }
  const { variances, directions } = principalAxes(products, prompts);
  const dimensions = variances.length;
  const count = variances[0] > 0 ? Math.min(components, dimensions) : 0;
  const axis = (i: number, k: number) => directions[i * dimensions + k];
  const weights = Float64Array.from({ length: count * prompts }, (_, at) => {
    const k = Math.floor(at / prompts);
    return axis(at % prompts, k) * Math.sqrt(units / variances[k]);
  });
  const whitened = weightedSums(values, means, weights, units);
  const runs: Unmixing[] = [];
  const unmix = count > 0 ? fastIca(whitened, count) : undefined;
  for (let start = 0; unmix && start <= restarts; start++) {
    const stream = randomStream(seed, 'independent components', start);
    const rotation = Float64Array.from({ length: count * count }, () => stream.normal());
    // Of further starts only their likeness is told, to fewer digits.
    runs.push(await unmix(rotation, start > 0 ? { tolerance: 1e-6, iterations: 200 } : {}));
  }
  const [first, ...others] = runs;
  const maps = count > 0 ? innerMaps(first.rotation, whitened, count, units) : new Float64Array(0);
  const found = Array.from({ length: count }, (_, k) => {
    const map = maps.subarray(k * units, (k + 1) * units);
    const sign = map.reduce((sum, own) => sum + own ** 3, 0) < 0 ? -1 : 1;
    const course = Float64Array.from({ length: prompts }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < count; j++)
        sum += axis(i, j) * Math.sqrt(variances[j] / units) * first.rotation[k * count + j];
      return sign * sum;
    });
    const squares = course.reduce((sum, own) => sum + own * own, 0);
    const alike = others.map(({ rotation }) => largestCosine(first.rotation, rotation, k, count));
    return {
      map: map.map((own) => sign * own),
      course,
      share: (squares * units) / total,
      stability: alike.reduce((sum, own) => sum + own, 0) / alike.length,
    };
  }).sort((a, b) => b.share - a.share);
  const ordered = new Float64Array(count * units);
  for (const [k, { map }] of found.entries()) ordered.set(map, k * units);
  return {
    maps: ordered,
    timeCourses: Float64Array.from({ length: prompts * count }, (_, at) => {
      return found[at % count].course[Math.floor(at / count)];
    }),
    share: Float64Array.from(found, ({ share }) => share),
    stability: Float64Array.from(found, ({ stability }) => stability),
    count,
    converged: first?.converged ?? true,
  };
}

function innerMaps(rotation: Float64Array, whitened: Float64Array, count: number, units: number): Float64Array {
  const maps = new Float64Array(count * units);
  for (let k = 0; k < count; k++)
    for (let j = 0; j < count; j++) {
      const weight = rotation[k * count + j];
      for (let u = 0; u < units; u++) maps[k * units + u] += weight * whitened[j * units + u];
    }
  return maps;
}

/** Largest |cosine| of row k of an orthogonal matrix with a row of another: of whitened data's components, their correlation. */
function largestCosine(own: Float64Array, others: Float64Array, k: number, count: number): number {
  let largest = 0;
  for (let l = 0; l < count; l++) {
    let cosine = 0;
    for (let j = 0; j < count; j++) cosine += own[k * count + j] * others[l * count + j];
    largest = Math.max(largest, Math.abs(cosine));
  }
  return largest;
}
