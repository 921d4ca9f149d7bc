import type { RandomStream } from '@galvani/numerics';
import type { Words } from '../weights/tensor-read.js';

/** Puts numbers into random order, in place (Fisher and Yates; Knuth 1997, volume 2, algorithm 3.4.2P). */
export function permute(values: Words, stream: Pick<RandomStream, 'integer'>): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    const other = values[j];
    values[j] = values[i];
    values[i] = other;
  }
}
