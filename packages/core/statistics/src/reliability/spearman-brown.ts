/**
 * Reliability of a measurement `factor` times as long as one whose reliability is r.
 *
 * Spearman, British Journal of Psychology 3 (1910), 271-295; Brown, ibid., 296-322.
 *
 * @param factor default 2: of a whole, from the correlation of its halves
 * @example spearmanBrown(0.5) // 0.6667
 */
export function spearmanBrown(r: number, factor = 2): number {
  return (factor * r) / (1 + (factor - 1) * r);
}
