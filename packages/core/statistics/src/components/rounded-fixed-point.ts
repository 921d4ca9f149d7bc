import { graphNode, valueInfo } from '@galvani/onnx';
import { inPlaceSession } from '../in-place-session.js';
import { tensorOf } from '../inference/row-products.js';
import { stepFrom } from './fixed-point.js';

/** Samples whose sums are of 32 bits; sums over more are of 64. */
const tile = 1024;

const sumsOfTiles = inPlaceSession({
  nodes: [
    graphNode('MatMul', ['rotation', 'rows'], ['y']),
    graphNode('Tanh', ['y'], ['g']),
    graphNode('MatMul', ['g', 'columns'], ['products']),
    graphNode('Mul', ['g', 'g'], ['squared']),
    graphNode('MatMul', ['squared', 'ones'], ['squares']),
  ],
  inputs: [
    valueInfo('rotation', 'float32', ['components', 'components']),
    valueInfo('rows', 'float32', ['tiles', 'components', 'tile']),
    valueInfo('columns', 'float32', ['tiles', 'tile', 'components']),
    valueInfo('ones', 'float32', ['tile', 1]),
  ],
  outputs: [
    valueInfo('products', 'float32', ['tiles', 'components', 'components']),
    valueInfo('squares', 'float32', ['tiles', 'components', 1]),
  ],
});

/** The same as `fixedPoint` by onnxruntime, right to about six digits. */
export function roundedFixedPoint(whitened: Float64Array, components: number) {
  const count = whitened.length / components;
  const tiles = Math.ceil(count / tile);
  // What the last tile lacks is 0, whose tanh is 0: it adds to no sum.
  const rows = new Float32Array(tiles * components * tile);
  const columns = new Float32Array(tiles * components * tile);
  for (let k = 0, at = 0; k < components; k++)
    for (let i = 0; i < count; i++, at++) {
      const [t, within] = [Math.floor(i / tile), i % tile];
      rows[(t * components + k) * tile + within] = whitened[at];
      columns[(t * tile + within) * components + k] = whitened[at];
    }
  const given = {
    rows: tensorOf(rows, [tiles, components, tile]),
    columns: tensorOf(columns, [tiles, tile, components]),
    ones: tensorOf(new Float32Array(tile).fill(1), [tile, 1]),
  };
  const products = new Float32Array(tiles * components * components);
  const squares = new Float32Array(tiles * components);
  const found = {
    products: tensorOf(products, [tiles, components, components]),
    squares: tensorOf(squares, [tiles, components, 1]),
  };
  return async (rotation: Float64Array): Promise<Float64Array> => {
    await sumsOfTiles({ ...given, rotation: tensorOf(Float32Array.from(rotation), [components, components]) }, found);
    return stepFrom(rotation, overTiles(products, components * components), overTiles(squares, components), count);
  };
}

/** Sums over tables [tiles x width]. */
function overTiles(values: Float32Array, width: number): Float64Array {
  const out = new Float64Array(width);
  for (let at = 0; at < values.length; at++) out[at % width] += values[at];
  return out;
}
