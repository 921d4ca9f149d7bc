import type { NetworkSiteWeights } from './network-weights.js';

/** Which numbers of a parameter belong to a network. */
export interface MaskTensor {
  parameter: string;
  /** Of the parameter. */
  shape: readonly number[];
  /** Of the mask, which broadcasts over the parameter: [to, 1] where only rows are masked, [1, from] where only columns are, else the parameter's. */
  maskShape: readonly number[];
  /** 0 or 1, row-major. */
  mask: Uint8Array;
  /** Numbers of the parameter that the mask lets through. */
  weights: number;
}

/** Which of a unit's weights are meant. */
export type MaskedWeights = 'write' | 'read' | 'both';

/**
 * A network's weights as a mask for each parameter that has any, by name. Weights that units outside of the network share are left out:
 * with them, those units would be changed too.
 */
export function maskTensors(network: readonly NetworkSiteWeights[], wanted: MaskedWeights = 'both'): MaskTensor[] {
  const parameters = new Map<string, { shape: readonly number[]; along: [Set<number>, Set<number>] }>();
  for (const { writes, reads } of network)
    for (const { parameter, shape, axis, places, others } of [
      ...(wanted === 'read' ? [] : writes),
      ...(wanted === 'write' ? [] : reads),
    ])
      for (const [i, place] of places.entries()) {
        if (others[i] > 0) continue;
        const entry = parameters.get(parameter) ?? { shape, along: [new Set(), new Set()] };
        entry.along[axis].add(place);
        parameters.set(parameter, entry);
      }
  return [...parameters]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([parameter, { shape, along }]) => {
      const [rows, columns] = along;
      const [height, width = 1] = shape;
      const weights = rows.size * width + columns.size * height - rows.size * columns.size;
      const maskShape =
        shape.length === 1 ? shape : columns.size === 0 ? [height, 1] : rows.size === 0 ? [1, width] : shape;
      const across = maskShape[1] ?? 1;
      const mask = Uint8Array.from({ length: maskShape[0] * across }, (_, i) =>
        rows.has(Math.floor(i / across)) || columns.has(i % across) ? 1 : 0,
      );
      return { parameter, shape, maskShape, mask, weights };
    });
}
