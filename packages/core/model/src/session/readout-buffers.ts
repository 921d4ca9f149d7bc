import { Tensor } from '@galvani/onnx';

/** Which whole distributions are wanted: every output costs a copy. */
export interface ReadoutDetail {
  logProbabilities: boolean;
  probabilities: boolean;
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
  /** [rows x vocabulary]; empty if not wanted. */
  probabilities: Float32Array;
}

export function createReadout(rows: number, vocabularySize: number, detail: ReadoutDetail): Readout {
  return {
    detail,
    entropies: new Float32Array(rows),
    highest: new Float32Array(rows),
    argmax: new BigInt64Array(rows),
    logProbabilities: new Float32Array(detail.logProbabilities ? rows * vocabularySize : 0),
    probabilities: new Float32Array(detail.probabilities ? rows * vocabularySize : 0),
  };
}

/** Fetches that write the part of a readout that belongs to some neighbouring rows. */
export function readoutFetches(
  readout: Readout,
  vocabularySize: number,
  first: number,
  rows: number,
): Record<string, Tensor> {
  const { detail, entropies, highest, argmax, logProbabilities, probabilities } = readout;
  const last = first + rows;
  const whole = (data: Float32Array) =>
    new Tensor('float32', data.subarray(first * vocabularySize, last * vocabularySize), [rows, vocabularySize]);
  return {
    entropy: new Tensor('float32', entropies.subarray(first, last), [rows]),
    highest: new Tensor('float32', highest.subarray(first, last), [rows, 1]),
    argmax: new Tensor('int64', argmax.subarray(first, last), [rows, 1]),
    ...(detail.logProbabilities ? { log_probabilities: whole(logProbabilities) } : {}),
    ...(detail.probabilities ? { probabilities: whole(probabilities) } : {}),
  };
}
