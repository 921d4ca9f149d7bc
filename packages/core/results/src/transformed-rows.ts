import type { ActivationBatch, ActivationReader } from '@galvani/artifact';
import type { StageParameters } from '@galvani/study';

/** What is done to activations before anything is made of them. */
export type Transform = StageParameters['glm']['transform'];

/** Of a single activation; NaN stays NaN. */
const transforms: Record<Exclude<Transform, 'none'>, (value: number) => number> = {
  abs: Math.abs,
  positive: (value) => (value <= 0 ? 0 : value),
};

/** A layer's rows with each activation transformed. */
export function transformedRows(reader: ActivationReader, transform: Exclude<Transform, 'none'>): ActivationReader {
  return { ...reader, batches: () => transformedBatches(reader, transforms[transform]) };
}

async function* transformedBatches(
  reader: ActivationReader,
  of: (value: number) => number,
): AsyncGenerator<ActivationBatch> {
  // A copy: the values may be those that a file's bytes hold in memory.
  for await (const batch of reader.batches()) yield { ...batch, values: batch.values.map((values) => values.map(of)) };
}
