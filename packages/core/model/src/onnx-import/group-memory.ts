import { Tensor } from '@galvani/onnx';
import { cacheDims, type ImportedPorts } from './imported-inputs.js';
import type { ImportedSite } from './imported-site.js';
import { entropiesOutput, logProbabilitiesOutput, temperedOutput } from './readout-nodes.js';
import { outputOf } from './tap-graph.js';

/** What is read off the logits of some rows. */
export interface GroupReadout {
  /** [rows x vocabulary], in nats. */
  logProbabilities: Float32Array;
  /** [rows], in nats. */
  entropies: Float32Array;
  /** Probabilities at the temperature that was fed [rows x vocabulary]; empty where none was. */
  tempered: Float32Array;
}

/** Outputs of sites, by name [rows x width], and the fetches that have a run write them there. */
export interface SiteMemory {
  sites: ReadonlyMap<string, Float32Array>;
  fetches: Record<string, Tensor>;
}

/** What runs of a group write to, made once: to make it anew for each, and to free it, would be a quarter of an extraction's time. */
export interface GroupMemory {
  sites: SiteMemory;
  readout: GroupReadout;
  readoutFetches: Record<string, Tensor>;
  /** Where a run writes keys and values of so many positions, which are those of the texts so far. What the run before it wrote stays. */
  present(positions: number, step: number): Record<string, Tensor>;
}

/** @param held memory of as many rows or more, to be used again. Default: it is made */
export function siteMemory(sites: readonly ImportedSite[], rows: number, held?: SiteMemory): SiteMemory {
  const memory = new Map(
    sites.map(({ name, width }) => [
      name,
      held ? held.sites.get(name)!.subarray(0, rows * width) : new Float32Array(rows * width),
    ]),
  );
  const fetches = sites.map(
    ({ name, width }) => [outputOf(name), new Tensor('float32', memory.get(name)!, [rows, width])] as const,
  );
  return { sites: memory, fetches: Object.fromEntries(fetches) };
}

/** Numbers and positions of a group. */
export interface GroupSize {
  rows: number;
  vocabularySize: number;
  /** Whether probabilities at a temperature are wanted. */
  tempered: boolean;
  /** Positions that keys and values are kept of, at most. */
  positions: number;
}

/** @param sites memory of the batch's that the group's rows fill. Default: the group's own */
export function groupMemory(
  chosen: readonly ImportedSite[],
  ports: ImportedPorts,
  { rows, vocabularySize, tempered, positions }: GroupSize,
  sites: SiteMemory = siteMemory(chosen, rows),
): GroupMemory {
  const readout: GroupReadout = {
    logProbabilities: new Float32Array(rows * vocabularySize),
    entropies: new Float32Array(rows),
    tempered: new Float32Array(tempered ? rows * vocabularySize : 0),
  };
  const caches = ports.caches.map(({ past, present }) => {
    const { type, shape } = ports.inputs.find(({ name }) => name === past)!;
    const length = sizeOf(cacheDims(shape, rows, positions));
    const made = () => (type === 'float16' ? new Uint16Array(length) : new Float32Array(length));
    return { present, shape, turns: [made(), made()] };
  });
  return {
    sites,
    readout,
    readoutFetches: {
      [logProbabilitiesOutput]: new Tensor('float32', readout.logProbabilities, [rows, vocabularySize]),
      [entropiesOutput]: new Tensor('float32', readout.entropies, [rows]),
      [temperedOutput]: new Tensor('float32', readout.tempered, [tempered ? 1 : 0, 1, rows, vocabularySize]),
    },
    present: (positions, step) =>
      Object.fromEntries(
        caches.map(({ present, shape, turns }) => {
          const dims = cacheDims(shape, rows, positions);
          const data = turns[step % 2].subarray(0, sizeOf(dims));
          const tensor =
            data instanceof Float32Array ? new Tensor('float32', data, dims) : new Tensor('float16', data, dims);
          return [present, tensor];
        }),
      ),
  };
}

const sizeOf = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
