import { logGamma } from '@galvani/numerics';

/** Canonical responses of blood flow, for those who want designs as nilearn and SPM make them. */
export type HemodynamicModel =
  | 'spm'
  | 'spm + derivative'
  | 'spm + derivative + dispersion'
  | 'glover'
  | 'glover + derivative'
  | 'glover + derivative + dispersion';

interface Shape {
  delay: number;
  undershoot: number;
  dispersion: number;
  undershootDispersion: number;
  ratio: number;
}

const spm: Shape = { delay: 6, undershoot: 16, dispersion: 1, undershootDispersion: 1, ratio: 0.167 };
const glover: Shape = { delay: 6, undershoot: 12, dispersion: 0.9, undershootDispersion: 0.9, ratio: 0.48 };
const seconds = 32;

/** Density of a gamma distribution shifted to start at `start`. */
function gammaDensity(t: number, shape: number, start: number, scale: number): number {
  const x = (t - start) / scale;
  return x > 0 ? Math.exp((shape - 1) * Math.log(x) - x - logGamma(shape)) / scale : 0;
}

/**
 * The difference of two gamma densities over 32 s, summing to one.
 *
 * @param step seconds between samples
 * Source: Friston et al., NeuroImage 7 (1998); Glover, NeuroImage 9 (1999); sampled as nilearn does.
 */
function response(step: number, shape: Shape, onset = 0): Float64Array {
  const samples = Math.round(seconds / step);
  const out = new Float64Array(samples);
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    const t = (i * seconds) / (samples - 1) - onset;
    out[i] =
      gammaDensity(t, shape.delay / shape.dispersion, step, shape.dispersion) -
      shape.ratio * gammaDensity(t, shape.undershoot / shape.undershootDispersion, step, shape.undershootDispersion);
    sum += out[i];
  }
  return out.map((value) => value / sum);
}

/** Kernels of a model: the response, and its derivatives in time and in dispersion where asked for. */
export function hemodynamicKernels(model: HemodynamicModel, step: number): Float64Array[] {
  const shape = model.startsWith('spm') ? spm : glover;
  const kernel = response(step, shape);
  const kernels = [kernel];
  if (model.includes('derivative')) {
    const later = response(step, shape, 0.1);
    kernels.push(kernel.map((value, i) => (value - later[i]) / 0.1));
  }
  if (model.includes('dispersion')) {
    const wider = response(step, { ...shape, dispersion: shape.dispersion + 0.01 });
    kernels.push(kernel.map((value, i) => (value - wider[i]) / 0.01));
  }
  return kernels;
}
