import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** How whitened data are turned into independent components. */
export interface Unmixing {
  /** Orthogonal, [components x components]: component k is row k times the data. */
  rotation: Float64Array;
  iterations: number;
  /** Whether the last iteration turned every component by less than the tolerance. */
  converged: boolean;
}

/**
 * FastICA with the symmetric approach and the logcosh contrast (alpha 1), as scikit-learn's with algorithm='parallel', fun='logcosh'.
 *
 * Hyvarinen, IEEE Transactions on Neural Networks 10 (1999), 626-634.
 *
 * @param whitened [components x samples]: rows of mean 0, uncorrelated and of variance 1
 * @param start [components x components], of full rank
 * @param tolerance default 1e-10, of 1 - |cos| between a component before and after an iteration
 */
export function fastIca(
  whitened: Float64Array,
  components: number,
  start: Float64Array,
  { tolerance = 1e-10, iterations = 1000 } = {},
): Unmixing {
  const count = whitened.length / components;
  const samples = new Float64Array(whitened.length);
  for (let k = 0, at = 0; k < components; k++)
    for (let i = 0; i < count; i++, at++) samples[i * components + k] = whitened[at];
  let rotation = decorrelated(start, components);
  for (let done = 1; done <= iterations; done++) {
    const next = decorrelated(fixedPoint(samples, rotation, components), components);
    let turned = 0;
    for (let k = 0; k < components; k++) {
      let cosine = 0;
      for (let j = 0; j < components; j++) cosine += next[k * components + j] * rotation[k * components + j];
      turned = Math.max(turned, Math.abs(Math.abs(cosine) - 1));
    }
    rotation = next;
    if (turned < tolerance) return { rotation, iterations: done, converged: true };
  }
  return { rotation, iterations, converged: false };
}

/**
 * E[g(y) z'] - E[g'(y)] w of every component, with y = w z and g = tanh.
 * @param samples [samples x components], so that what is read together lies together
 */
function fixedPoint(samples: Float64Array, rotation: Float64Array, components: number): Float64Array {
  const out = new Float64Array(components * components);
  const slope = new Float64Array(components);
  for (let z = 0; z < samples.length; z += components)
    for (let k = 0, at = 0; k < components; k++) {
      let y = 0;
      for (let j = 0; j < components; j++) y += rotation[at + j] * samples[z + j];
      // tanh, in half the time of Math.tanh; far from 0 it is 1 or -1.
      const g = 1 - 2 / (Math.exp(2 * y) + 1);
      slope[k] += 1 - g * g;
      for (let j = 0; j < components; j++, at++) out[at] += g * samples[z + j];
    }
  const count = samples.length / components;
  for (let at = 0; at < out.length; at++)
    out[at] = (out[at] - slope[Math.floor(at / components)] * rotation[at]) / count;
  return out;
}

/** (W W')^-1/2 W. */
function decorrelated(w: Float64Array, components: number): Float64Array {
  const matrix = Matrix.from1DArray(components, components, w);
  const { eigenvectorMatrix: vectors, realEigenvalues } = new EigenvalueDecomposition(matrix.mmul(matrix.transpose()), {
    assumeSymmetric: true,
  });
  const roots = Matrix.diag(realEigenvalues.map((value) => 1 / Math.sqrt(value)));
  return Float64Array.from(vectors.mmul(roots).mmul(vectors.transpose()).mmul(matrix).to1DArray());
}
