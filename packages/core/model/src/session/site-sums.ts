import { graphNode, Tensor, valueInfo } from '@galvani/onnx';
import type { Site } from '../site.js';
import { type AllocateOutputs, allocatePlainly } from './output-buffers.js';
import type { TapParts } from './site-taps.js';

const given = (site: string) => `galvani:sum:${site}`;
const grown = (site: string) => `galvani:summed:${site}`;

/**
 * What is added to a graph so that a run adds each site's outputs [rows, width] to sums that it is given, [1, rows, width]. Of the prompt
 * pass nothing is added: it is given [0, 1, width], and what a dimension of 0 meets becomes empty. The head has no more rows than
 * logits are asked for.
 *
 * The nodes have to stand last: onnxruntime goes from the graph's last results backwards, and so adds each site's outputs as soon as they are
 * computed, while they are in the cache.
 */
export function summingParts(sites: readonly Site[]): TapParts {
  const dims = ['added', 'summed'];
  return {
    nodes: sites.map(({ name }) => graphNode('Add', [given(name), name], [grown(name)])).reverse(),
    inputs: sites.map(({ name, width }) => valueInfo(given(name), 'float32', [...dims, width])),
    outputs: sites.map(({ name, width }) => valueInfo(grown(name), 'float32', [...dims, width])),
  };
}

/** Feeds and fetches of a run. */
interface RunTensors {
  feeds: Record<string, Tensor>;
  fetches: Record<string, Tensor>;
}

/** Sums of sites over the tokens of each row of a batch, in memory that runs add to in place. */
export interface SiteSums {
  /** By site [rows x width], row-major: of two tokens or more. */
  memory: ReadonlyMap<string, Float32Array>;
  /** What each row's first token gave, by site [rows x width]. */
  first: ReadonlyMap<string, Float32Array>;
  /** What the run of a step takes, from 0 on: the first two steps fill `first` and `memory`, those after them add to `memory`. */
  adding(step: number): RunTensors;
  /** Feeds of a run whose outputs are not added. */
  idle: Record<string, Tensor>;
}

export function createSiteSums(
  sites: readonly Site[],
  rows: number,
  allocate: AllocateOutputs = allocatePlainly,
): SiteSums {
  const lengths = sites.map(({ width }) => rows * width);
  const arrays = allocate(false, lengths) as Float32Array[];
  const firsts = allocate(false, lengths) as Float32Array[];
  const zeros = new Float32Array(Math.max(0, ...sites.map(({ width }) => width)));
  const named = (nameOf: (site: string) => string, tensorOf: (width: number, site: number) => Tensor) =>
    Object.fromEntries(sites.map(({ name, width }, s) => [nameOf(name), tensorOf(width, s)]));
  const over = (memory: Float32Array[], nameOf: (site: string) => string) =>
    named(nameOf, (width, s) => new Tensor('float32', memory[s], [1, rows, width]));
  const nothing = named(given, (width) => new Tensor('float32', zeros.subarray(0, width), [1, 1, width]));
  const steps: RunTensors[] = [
    { feeds: nothing, fetches: over(firsts, grown) },
    { feeds: over(firsts, given), fetches: over(arrays, grown) },
    { feeds: over(arrays, given), fetches: over(arrays, grown) },
  ];
  const by = (memory: Float32Array[]) => new Map(sites.map(({ name }, s) => [name, memory[s]]));
  return {
    memory: by(arrays),
    first: by(firsts),
    adding: (step) => steps[Math.min(step, steps.length - 1)],
    idle: named(given, (width) => new Tensor('float32', zeros.subarray(0, 0), [0, 1, width])),
  };
}
