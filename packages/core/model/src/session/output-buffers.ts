import { Tensor } from '@galvani/onnx';
import type { Activations } from '../activations.js';
import type { Site } from '../site.js';
import { tapOutput } from './site-taps.js';

type Numbers = Float32Array | Uint16Array;

/** Makes zeroed arrays of the given lengths: Uint16Array with `half`, else Float32Array. */
export type AllocateOutputs = (half: boolean, lengths: readonly number[]) => Numbers[];

/** Arrays of JavaScript's. */
export const allocatePlainly: AllocateOutputs = (half, lengths) =>
  lengths.map((length) => (half ? new Uint16Array(length) : new Float32Array(length)));

/** Memory that a run's outputs are written to, made once and used again: allocating anew costs a fifth of the time. */
export interface OutputBuffers {
  /** Whether they hold float16. */
  half: boolean;
  /** By site: [rows x width], or [headRows x width] of the head. */
  memory: Map<string, Numbers>;
  fetches: Record<string, Tensor>;
}

/** Buffers for the tapped sites of `rows` tokens and the head of `headRows` of them. */
export function createOutputBuffers(
  sites: readonly Site[],
  half: boolean,
  rows: number,
  headRows: number,
  allocate = allocatePlainly,
): OutputBuffers {
  const memory = allocate(
    half,
    sites.map((site) => rowsOf(site, rows, headRows) * site.width),
  );
  return over(sites, half, rows, headRows, (s) => memory[s]);
}

/** The same memory for fewer tokens. */
export function shrinkOutputBuffers(
  { memory, half }: OutputBuffers,
  sites: readonly Site[],
  rows: number,
  headRows: number,
): OutputBuffers {
  return over(sites, half, rows, headRows, (s) => memory.get(sites[s].name)!);
}

/** What is handed out of buffers: `part` of each site's memory, or all of it. */
export function activationsIn(
  { half, memory }: OutputBuffers,
  part = (numbers: Numbers, _site: string): Numbers => numbers,
): Activations {
  const parts = new Map([...memory].map(([name, numbers]) => [name, part(numbers, name)]));
  return half
    ? { sites: new Map(), halves: parts as Map<string, Uint16Array> }
    : { sites: parts as Map<string, Float32Array> };
}

const rowsOf = ({ kind }: Site, rows: number, headRows: number) => (kind === 'head' ? headRows : rows);

function over(
  sites: readonly Site[],
  half: boolean,
  rows: number,
  headRows: number,
  memoryOf: (site: number) => Numbers,
): OutputBuffers {
  const buffers: OutputBuffers = { half, memory: new Map(), fetches: {} };
  for (const [s, site] of sites.entries()) {
    const dims = [rowsOf(site, rows, headRows), site.width];
    const data = memoryOf(s).subarray(0, dims[0] * dims[1]);
    buffers.memory.set(site.name, data);
    buffers.fetches[tapOutput(site.name, half)] =
      data instanceof Float32Array ? new Tensor('float32', data, dims) : new Tensor('float16', data, dims);
  }
  return buffers;
}
