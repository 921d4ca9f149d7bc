/**
 * The largest log p among units whose adjusted p is at most `alpha`: the threshold on the map that a correction amounts to.
 *
 * @param logP natural log p of each unit
 * @param logAdjusted natural log of adjusted p of the same units, from any correction
 * @param alpha level, 0 to 1
 * @returns natural log p, or -Infinity when no unit passes
 */
export function rejectionThreshold(logP: Float64Array, logAdjusted: Float64Array, alpha: number): number {
  const logAlpha = Math.log(alpha);
  let threshold = -Infinity;
  for (let i = 0; i < logP.length; i++) if (logAdjusted[i] <= logAlpha && logP[i] > threshold) threshold = logP[i];
  return threshold;
}
