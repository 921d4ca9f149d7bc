import { log1mExp } from './logarithm.js';

const inverseSqrtTwoPi = 0.3989422804014327;
const halfLogTwoPi = 0.9189385332046728;

const centralNumerator = [
  0.06568233791820745, 2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356,
];
const centralDenominator = [1, 47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673];
const middleNumerator = [
  1.0765576773720192e-8, 0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002,
  2494.5375852903726, 6848.190450536283, 11602.65143764735, 9842.714838383978,
];
const middleDenominator = [
  1, 22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097, 34900.95272114598,
  38912.00328609327, 19685.429676859992,
];
const farNumerator = [
  0.023073441764940174, 0.215898534057957, 0.12740116116024736, 0.022235277870649807, 0.0014216191932278934,
  2.9112874951168793e-5,
];
const farDenominator = [
  1, 1.284260096144911, 0.4682382124808651, 0.06598813786892856, 0.0037823963320275824, 7.297515550839662e-5,
];

function horner(coefficients: readonly number[], x: number): number {
  let sum = coefficients[0];
  for (let i = 1; i < coefficients.length; i++) sum = sum * x + coefficients[i];
  return sum;
}

/** P(0 < Z <= z) for |z| < 0.67, to full relative precision. */
function centralProbability(z: number): number {
  return (z * horner(centralNumerator, z * z)) / horner(centralDenominator, z * z);
}

/** log of P(Z > z) / density(z), z >= 0.66: Mills' ratio. */
function logMillsRatio(z: number): number {
  // Cody's middle range approximates exp(z^2 / 2) P(Z > z), so Mills' ratio is that times sqrt(2 pi).
  if (z < 5.656854249492381) {
    return Math.log(horner(middleNumerator, z) / horner(middleDenominator, z)) + halfLogTwoPi;
  }
  const w = 1 / (z * z);
  const correction = (w * horner(farNumerator, w)) / horner(farDenominator, w);
  return Math.log((inverseSqrtTwoPi - correction) / z) + halfLogTwoPi;
}

/**
 * log P(Z > z) of a standard normal, for any z (z = 1000 gives -500,007.8).
 *
 * Source: Cody, "Rational Chebyshev approximation for the error function", Mathematics of Computation 23 (1969).
 */
export function normalLogSf(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  if (z === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  if (z === Number.NEGATIVE_INFINITY) return 0;
  if (Math.abs(z) < 0.67) return Math.log1p(-(0.5 + centralProbability(z)));
  const tail = -0.5 * z * z - halfLogTwoPi + logMillsRatio(Math.abs(z));
  return z > 0 ? tail : Math.log1p(-Math.exp(tail));
}

/** P(Z <= z) of a standard normal. */
export function normalCdf(z: number): number {
  return Math.abs(z) < 0.67 ? 0.5 + centralProbability(z) : Math.exp(normalLogSf(-z));
}

/** The z >= 0 whose log P(Z > z) is `log` <= log(1/2), by Newton's steps on the logarithm. */
function upperZ(log: number): number {
  if (log > -1.6) {
    // Near the middle, solve P(0 < Z <= z) = 1/2 - exp(log), which keeps z's relative precision at 0.
    const target = -0.5 * Math.expm1(log + Math.LN2);
    let z = target / inverseSqrtTwoPi;
    for (let i = 0; i < 20; i++) {
      const value = Math.abs(z) < 0.67 ? centralProbability(z) : 0.5 - Math.exp(normalLogSf(z));
      const step = ((value - target) / inverseSqrtTwoPi) * Math.exp(0.5 * z * z);
      z -= step;
      if (Math.abs(step) <= 1e-15 * Math.abs(z)) break;
    }
    return z;
  }
  let z = Math.sqrt(Math.max(1, -2 * log - Math.log(-2 * log) - 2 * halfLogTwoPi));
  for (let i = 0; i < 50; i++) {
    const mills = logMillsRatio(z);
    const step = (-0.5 * z * z - halfLogTwoPi + mills - log) * Math.exp(mills);
    z = Math.max(z + step, 0.67);
    if (Math.abs(step) <= 1e-15 * z) break;
  }
  return z;
}

/**
 * The z whose upper tail has this natural logarithm: P(Z > z) = exp(logSf). Never clipped.
 *
 * @example zFromLogP(tLogSf(300, 5000)) // 121.330379434
 */
export function zFromLogP(logSf: number): number {
  if (Number.isNaN(logSf) || logSf > 0) return Number.NaN;
  if (logSf === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (logSf === 0) return Number.NEGATIVE_INFINITY;
  return logSf <= -Math.LN2 ? upperZ(logSf) : -upperZ(log1mExp(logSf));
}

/**
 * The z at which P(Z <= z) = p.
 *
 * @example normalQuantile(0.975) // 1.96
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  return p <= 0.5 ? -zFromLogP(Math.log(p)) : zFromLogP(Math.log1p(-p));
}
