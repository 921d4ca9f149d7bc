import { graphNode, Tensor, valueInfo } from '@galvani/onnx';
import type { Site } from '../site.js';
import { type AllocateOutputs, allocatePlainly } from './output-buffers.js';
import type { TapParts } from './site-taps.js';

const given = (site: string) => `galvani:sum:${site}`;
const grown = (site: string) => `galvani:summed:${site}`;
const kept = (site: string) => `galvani:kept:${site}`;

/** Names of the int64 [1] inputs: the rows of each site that are added are those from the first to before the second. */
const bounds = { from: 'galvani:sum_from', until: 'galvani:sum_until' };

/**
 * What is added to a graph so that a run adds each site's outputs to sums that it is given. Of the prompt pass nothing is added, which
 * the bounds say: no rows are left to add. The head has no more rows than logits are asked for.
 *
 * The nodes have to stand last: onnxruntime goes from the graph's last results backwards, and so adds each site's outputs as soon as they are
 * computed, while they are in the cache.
 */
export function summingParts(sites: readonly Site[]): TapParts {
  const nodes = sites.flatMap(({ name }) => [
    graphNode('Add', [given(name), kept(name)], [grown(name)]),
    graphNode('Slice', [name, bounds.from, bounds.until], [kept(name)]),
  ]);
  return {
    nodes: nodes.reverse(),
    inputs: [
      ...Object.values(bounds).map((name) => valueInfo(name, 'int64', [1])),
      ...sites.map(({ name, width }) => valueInfo(given(name), 'float32', ['summed', width])),
    ],
    outputs: sites.map(({ name, width }) => valueInfo(grown(name), 'float32', ['summed', width])),
  };
}

/** Sums of sites over the tokens of each row of a batch, in memory that runs add to in place. */
export interface SiteSums {
  /** By site [rows x width], row-major. */
  memory: ReadonlyMap<string, Float32Array>;
  /** Room for what each row's first token gave, by site [rows x width]. */
  first: ReadonlyMap<string, Float32Array>;
  /** Feeds and fetches of a run whose outputs are added: one token of each row. */
  adding: { feeds: Record<string, Tensor>; fetches: Record<string, Tensor> };
  /** Feeds of a run whose outputs are not. */
  idle: Record<string, Tensor>;
}

export function createSiteSums(
  sites: readonly Site[],
  rows: number,
  allocate: AllocateOutputs = allocatePlainly,
): SiteSums {
  const arrays = allocate(
    false,
    sites.map(({ width }) => rows * width),
  ) as Float32Array[];
  const tensors = sites.map(({ width }, s) => new Tensor('float32', arrays[s], [rows, width]));
  const named = (nameOf: (site: string) => string, tensorOf: (site: number) => Tensor) =>
    Object.fromEntries(sites.map(({ name }, s) => [nameOf(name), tensorOf(s)]));
  const until = (row: number) => ({
    [bounds.from]: new Tensor('int64', BigInt64Array.of(0n), [1]),
    [bounds.until]: new Tensor('int64', BigInt64Array.of(BigInt(row)), [1]),
  });
  const nothing = new Float32Array(0);
  return {
    memory: new Map(sites.map(({ name }, s) => [name, arrays[s]])),
    first: new Map(sites.map(({ name, width }) => [name, new Float32Array(rows * width)])),
    adding: { feeds: { ...until(rows), ...named(given, (s) => tensors[s]) }, fetches: named(grown, (s) => tensors[s]) },
    idle: { ...until(0), ...named(given, (s) => new Tensor('float32', nothing, [0, sites[s].width])) },
  };
}
