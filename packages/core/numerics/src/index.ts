/**
 * Distributions in logs, random numbers, linear algebra, multiple comparisons.
 *
 * @module @galvani/numerics
 */
export { concatenate } from './concatenate.js';
export { betaLogCdf, betaQuantile } from './distributions/beta.js';
export { clopperPearson, type Interval, wilson } from './distributions/binomial-interval.js';
export { chi2LogSf } from './distributions/chi-squared.js';
export { fLogSf, fQuantile } from './distributions/fisher-f.js';
export { logBeta, logGamma } from './distributions/gamma-function.js';
export { log1mExp, logAddExp } from './distributions/logarithm.js';
export { noncentralFCdf, noncentralFLambda } from './distributions/noncentral-f.js';
export { noncentralTCdf, noncentralTDelta } from './distributions/noncentral-t.js';
export { normalCdf, normalLogSf, normalQuantile, zFromLogP } from './distributions/normal.js';
export { tDegreesOfFreedom, tLogSf, tLogTwoSided, tQuantile, tUpperQuantile } from './distributions/student-t.js';
export { decodeFloat16, encodeFloat16, encodeFloat16Value, firstInfiniteFloat16 } from './float16.js';
export { chebyshevInterpolant } from './interpolation/chebyshev.js';
export { chebyshevSurface } from './interpolation/chebyshev-surface.js';
export {
  backwardSolve,
  cholesky,
  choleskyInverse,
  choleskyLogDeterminant,
  forwardSolve,
  invertSymmetric,
} from './linear-algebra/cholesky.js';
export { type ColumnSpace, columnSpace, dependencies, singularValues } from './linear-algebra/pivoted-qr.js';
export { pseudoInverse } from './linear-algebra/pseudo-inverse.js';
export { bonferroni } from './multiple-comparisons/bonferroni.js';
export { corrections } from './multiple-comparisons/correction.js';
export { benjaminiHochberg, benjaminiYekutieli } from './multiple-comparisons/false-discovery-rate.js';
export { holm } from './multiple-comparisons/holm.js';
export { hommel, hommelValue } from './multiple-comparisons/hommel.js';
export { rejectionThreshold } from './multiple-comparisons/threshold.js';
export { type RandomStream, randomStream } from './random.js';
