import type { Sampling } from '@galvani/model';
import type { Recorded } from '@galvani/study';

/**
 * How a study's subject chooses tokens, as its recording has it and whoever repeats or continues that.
 *
 * @param seed names the random streams. Default: the study's, as text, which is what recordings draw from; another one, a number
 * too, gives other streams
 */
export function studySampling(
  { sampling, seed: own }: Pick<Recorded, 'sampling' | 'seed'>,
  seed: number | string = String(own),
): Sampling {
  return sampling.method === 'greedy' ? { method: 'greedy' } : { ...sampling, seed };
}
