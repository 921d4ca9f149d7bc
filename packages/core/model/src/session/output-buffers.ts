import { Tensor } from 'onnxruntime-node';
import type { Site } from '../site.js';

/** Memory that a run's outputs are written to, made once and used again: allocating anew costs a fifth of the time. */
export interface OutputBuffers {
  /** Activity by site: [rows × width], or [headRows × width] of the head. */
  sites: Map<string, Float32Array>;
  fetches: Record<string, Tensor>;
}

/** Buffers for the tapped sites of `rows` tokens and the head of `headRows` of them. */
export function createOutputBuffers(sites: readonly Site[], rows: number, headRows: number): OutputBuffers {
  const buffers: OutputBuffers = { sites: new Map(), fetches: {} };
  for (const { name, width, kind } of sites) {
    const n = kind === 'head' ? headRows : rows;
    const data = new Float32Array(n * width);
    buffers.sites.set(name, data);
    buffers.fetches[name] = new Tensor('float32', data, [n, width]);
  }
  return buffers;
}

/** The same memory for fewer tokens. */
export function shrinkOutputBuffers(
  buffers: OutputBuffers,
  sites: readonly Site[],
  rows: number,
  headRows: number,
): OutputBuffers {
  const smaller: OutputBuffers = { sites: new Map(), fetches: {} };
  for (const { name, width, kind } of sites) {
    const n = kind === 'head' ? headRows : rows;
    const data = (buffers.sites.get(name) as Float32Array).subarray(0, n * width);
    smaller.sites.set(name, data);
    smaller.fetches[name] = new Tensor('float32', data, [n, width]);
  }
  return smaller;
}

/** What generation reads off the logits of `rows` prompts. */
export interface Readout {
  logProbabilities: Float32Array;
  entropies: Float32Array;
  argmax: BigInt64Array;
  fetches: Record<string, Tensor>;
}

export function createReadout(rows: number, vocabularySize: number): Readout {
  const logProbabilities = new Float32Array(rows * vocabularySize);
  const entropies = new Float32Array(rows);
  const argmax = new BigInt64Array(rows);
  return {
    logProbabilities,
    entropies,
    argmax,
    fetches: {
      log_probabilities: new Tensor('float32', logProbabilities, [rows, vocabularySize]),
      entropy: new Tensor('float32', entropies, [rows]),
      argmax: new Tensor('int64', argmax, [rows, 1]),
    },
  };
}

/** The part of a readout that belongs to some neighbouring rows. */
export function readoutRows(readout: Readout, vocabularySize: number, first: number, rows: number): Readout['fetches'] {
  return {
    log_probabilities: new Tensor(
      'float32',
      readout.logProbabilities.subarray(first * vocabularySize, (first + rows) * vocabularySize),
      [rows, vocabularySize],
    ),
    entropy: new Tensor('float32', readout.entropies.subarray(first, first + rows), [rows]),
    argmax: new Tensor('int64', readout.argmax.subarray(first, first + rows), [rows, 1]),
  };
}
