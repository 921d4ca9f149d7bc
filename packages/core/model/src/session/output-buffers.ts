import { pagedArrays } from '@galvani/numerics';
import { Tensor } from 'onnxruntime-node';
import type { Site } from '../site.js';

/**
 * Memory that a run's outputs are written to, made once and used again: allocating anew costs a fifth of the time. Each begins
 * a page, so that the disk can be written from it.
 */
export interface OutputBuffers {
  /** Activity by site: [rows × width], or [headRows × width] of the head. */
  sites: Map<string, Float32Array>;
  fetches: Record<string, Tensor>;
}

/** Buffers for the tapped sites of `rows` tokens and the head of `headRows` of them. */
export function createOutputBuffers(sites: readonly Site[], rows: number, headRows: number): OutputBuffers {
  const rowsOf = ({ kind }: Site) => (kind === 'head' ? headRows : rows);
  const memory = pagedArrays(sites.map((site) => rowsOf(site) * site.width));
  const buffers: OutputBuffers = { sites: new Map(), fetches: {} };
  for (const [s, site] of sites.entries()) {
    buffers.sites.set(site.name, memory[s]);
    buffers.fetches[site.name] = new Tensor('float32', memory[s], [rowsOf(site), site.width]);
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
