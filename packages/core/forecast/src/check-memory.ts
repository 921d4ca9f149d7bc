import { Failure, formatBytes } from '@galvani/terminal';
import type { StageForecast } from './stage-forecast.js';

type MemoryForecast = Pick<StageForecast, 'stage' | 'memory' | 'weights'>;

/** @throws Failure where a stage needs more bytes of memory than there are, before it is started */
export function checkMemory(forecast: MemoryForecast, there: number): void {
  const why = tooLarge(forecast, there);
  if (why !== undefined)
    throw new Failure(`${why}; nothing was started. Take a machine with more memory, or a smaller model.`);
}

/** That a stage does not fit into so many bytes of memory, without a full stop; undefined where it does. */
export function tooLarge({ stage, memory, weights }: MemoryForecast, there: number): string | undefined {
  if (memory <= there) return undefined;
  const ofThem = weights > 0 ? `, ${formatBytes(weights)} of it for the model's weights as float32` : '';
  return `${stage} needs about ${formatBytes(memory)} of memory${ofThem}, and ${formatBytes(there)} are allowed here`;
}
