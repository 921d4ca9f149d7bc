/**
 * Two-sided p of a sum of whole numbers against all assignments of signs to them: the share of the 2^n sums that are at least as far
 * from 0, the observed one among them. Exact for any n, since sums are counted by their value and not one by one.
 *
 * Fisher, The Design of Experiments (1935), section 21.
 *
 * @example signFlipSumP([1, 1, 1, 2]) // 0.125
 */
export function signFlipSumP(differences: readonly number[]): number {
  if (!differences.every(Number.isInteger))
    throw new RangeError('Differences whose signs are flipped are whole numbers.');
  const most = differences.reduce((sum, own) => sum + Math.abs(own), 0);
  const observed = Math.abs(differences.reduce((sum, own) => sum + own, 0));
  // Shares of sums from -most to most.
  let shares = new Float64Array(2 * most + 1);
  shares[most] = 1;
  for (const own of differences) {
    const size = Math.abs(own);
    if (size === 0) continue;
    const next = new Float64Array(shares.length);
    for (let at = 0; at < shares.length; at++) next[at] = ((shares[at - size] ?? 0) + (shares[at + size] ?? 0)) / 2;
    shares = next;
  }
  let p = 0;
  for (let at = 0; at < shares.length; at++) if (Math.abs(at - most) >= observed) p += shares[at];
  return Math.min(1, p);
}
