import { Tensor } from '@galvani/onnx';
import { inverseTemperatures } from '../graph/readout.js';

/** Which whole distributions are wanted: every output costs a copy. */
export interface ReadoutDetail {
  logProbabilities: boolean;
  /** Temperature at which every token's probability is wanted, to draw from. Default: none. */
  temperature?: number;
}

/** What a run reads off the logits of `rows` tokens. */
export interface Readout {
  detail: ReadoutDetail;
  entropies: Float32Array;
  /** Of each row's most probable token, in nats. */
  highest: Float32Array;
  argmax: BigInt64Array;
  /** [rows x vocabulary], in nats; empty if not wanted. */
  logProbabilities: Float32Array;
  /** Probabilities at the temperature [rows x vocabulary]; empty if not wanted. */
  tempered: Float32Array;
}

export function createReadout(rows: number, vocabularySize: number, detail: ReadoutDetail): Readout {
  return {
    detail,
    entropies: new Float32Array(rows),
    highest: new Float32Array(rows),
    argmax: new BigInt64Array(rows),
    logProbabilities: new Float32Array(detail.logProbabilities ? rows * vocabularySize : 0),
    tempered: new Float32Array(detail.temperature === undefined ? 0 : rows * vocabularySize),
  };
}

// Beyond it a product with a log probability could be infinite, or of 0 not a number. All probability lies on the most probable tokens long before.
const highestInverse = 1e30;

/** One over the temperature at which probabilities are wanted; empty where they are wanted at none. */
export function inverseTemperature(temperature?: number): Float32Array {
  return temperature === undefined ? new Float32Array(0) : Float32Array.of(Math.min(1 / temperature, highestInverse));
}

/** Feeds of a run that say at which temperature probabilities are computed. Default: at none. */
export function temperatureFeeds(temperature?: number): Record<string, Tensor> {
  const inverse = inverseTemperature(temperature);
  return { [inverseTemperatures]: new Tensor('float32', inverse, [inverse.length, 1, 1]) };
}

/** Fetches that write the part of a readout that belongs to some neighbouring rows. */
export function readoutFetches(
  readout: Readout,
  vocabularySize: number,
  first: number,
  rows: number,
): Record<string, Tensor> {
  const { detail, entropies, highest, argmax, logProbabilities, tempered } = readout;
  const last = first + rows;
  const whole = (data: Float32Array, dims: number[]) =>
    new Tensor('float32', data.subarray(first * vocabularySize, last * vocabularySize), [
      ...dims,
      rows,
      vocabularySize,
    ]);
  return {
    entropy: new Tensor('float32', entropies.subarray(first, last), [rows, 1]),
    highest: new Tensor('float32', highest.subarray(first, last), [rows, 1]),
    argmax: new Tensor('int64', argmax.subarray(first, last), [rows, 1]),
    ...(detail.logProbabilities ? { log_probabilities: whole(logProbabilities, []) } : {}),
    ...(detail.temperature === undefined ? {} : { tempered: whole(tempered, [1]) }),
  };
}
