import type { Value } from './graph-builder.js';
import type { Building } from './module.js';

/**
 * Layer normalization over the last dimension (Ba, Kiros, Hinton 2016), named as a site, with a gain and a bias; without both
 * where `plain`.
 */
export function layerNorm(
  b: Building,
  path: string,
  x: Value,
  width: number,
  epsilon: number,
  { plain = false } = {},
): Value {
  const stored = (name: string) => b.graph.weight(b.tensors.require(`${path}.${name}`, [width]), [width]);
  const inputs = plain
    ? [x, b.graph.numbers(`ones.${width}`, new Float32Array(width).fill(1), [width])]
    : [x, stored('weight'), stored('bias')];
  return b.graph.site(
    path,
    'norm',
    width,
    b.graph.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } }),
  );
}

/** `layerNorm` of each head by itself: x is [rows, heads x headSize], and one gain and bias of [headSize] serve every head. */
export function layerNormOfHeads(
  b: Building,
  path: string,
  x: Value,
  heads: number,
  headSize: number,
  epsilon: number,
): Value {
  const stored = (name: string) => b.graph.weight(b.tensors.require(`${path}.${name}`, [headSize]), [headSize]);
  const split = b.graph.node('Reshape', [x, b.graph.shape([-1, headSize])]);
  const norm = b.graph.node('LayerNormalization', [split, stored('weight'), stored('bias')], normAttributes(epsilon));
  const width = heads * headSize;
  return b.graph.site(path, 'norm', width, b.graph.node('Reshape', [norm, b.graph.shape([-1, width])]));
}

/** Root mean square normalization (Zhang and Sennrich 2019) of the last dimension, named as a site. */
export function rmsNorm(b: Building, path: string, x: Value, width: number, epsilon: number, gainOffset = 0): Value {
  const gain = rmsGain(b, path, width, gainOffset);
  return b.graph.site(
    path,
    'norm',
    width,
    b.graph.node('SimplifiedLayerNormalization', [x, gain], normAttributes(epsilon)),
  );
}

/** `rmsNorm` of each head by itself: x is [rows, heads x headSize], and one gain of [headSize] serves every head. */
export function rmsNormOfHeads(
  b: Building,
  path: string,
  x: Value,
  heads: number,
  headSize: number,
  epsilon: number,
  gainOffset = 0,
): Value {
  const split = b.graph.node('Reshape', [x, b.graph.shape([-1, headSize])]);
  const gain = rmsGain(b, path, headSize, gainOffset);
  const norm = b.graph.node('SimplifiedLayerNormalization', [split, gain], normAttributes(epsilon));
  const width = heads * headSize;
  return b.graph.site(path, 'norm', width, b.graph.node('Reshape', [norm, b.graph.shape([-1, width])]));
}

function rmsGain(b: Building, path: string, width: number, offset: number): Value {
  const stored = b.graph.weight(b.tensors.require(`${path}.weight`, [width]), [width]);
  if (offset === 0) return stored;
  // Gemma stores the gain's distance from 1. Constant folding does this sum once, when the graph is loaded.
  return b.graph.node('Add', [stored, b.graph.numbers(`offset.${offset}`, Float32Array.of(offset), [1])]);
}

const normAttributes = (epsilon: number) => ({ axis: -1, epsilon: { float: epsilon } });
