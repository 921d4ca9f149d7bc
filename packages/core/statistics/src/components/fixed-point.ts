/**
 * One iteration of FastICA: E[g(y) z'] - E[g'(y)] w of every component, with y = w z and g = tanh.
 *
 * @param whitened [components x samples]
 * @returns a function of the rotation, [components x components], as is what it returns
 */
export function fixedPoint(whitened: Float64Array, components: number) {
  const count = whitened.length / components;
  let samples: Float64Array | undefined;
  return (rotation: Float64Array): Float64Array => {
    // [samples x components], so that what is read together lies together.
    samples ??= transposed(whitened, components);
    const products = new Float64Array(components * components);
    const squares = new Float64Array(components);
    for (let z = 0; z < samples.length; z += components)
      for (let k = 0, at = 0; k < components; k++) {
        let y = 0;
        for (let j = 0; j < components; j++) y += rotation[at + j] * samples[z + j];
        // tanh, in half the time of Math.tanh; far from 0 it is 1 or -1.
        const g = 1 - 2 / (Math.exp(2 * y) + 1);
        squares[k] += g * g;
        for (let j = 0; j < components; j++, at++) products[at] += g * samples[z + j];
      }
    return stepFrom(rotation, products, squares, count);
  };
}

/**
 * The iteration's result from its sums over samples.
 *
 * @param products of g(y) and z, [components x components]
 * @param squares of g(y), whose slope is 1 - g^2, [components]
 */
export function stepFrom(
  rotation: Float64Array,
  products: Float64Array,
  squares: Float64Array,
  samples: number,
): Float64Array {
  const components = squares.length;
  return rotation.map((w, at) => (products[at] - (samples - squares[Math.floor(at / components)]) * w) / samples);
}

function transposed(rows: Float64Array, count: number): Float64Array {
  const width = rows.length / count;
  const out = new Float64Array(rows.length);
  for (let k = 0, at = 0; k < count; k++) for (let i = 0; i < width; i++, at++) out[i * count + k] = rows[at];
  return out;
}
