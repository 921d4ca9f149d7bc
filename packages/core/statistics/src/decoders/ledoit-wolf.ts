/**
 * How far Ledoit and Wolf shrink the covariance of centred rows, and towards what: (1 - shrinkage) S + shrinkage * scale * I, where S has
 * the number of rows as its divisor. All that it takes of the rows are their inner products, since ||Z'Z|| = ||ZZ'||.
 *
 * As scikit-learn's ledoit_wolf, which does not shrink a single unit. Ledoit and Wolf, J. Multivariate Analysis 88 (2004), 365-411.
 *
 * @param products [rows x rows], inner products of the rows about their mean
 * @param units how many there are
 */
export function ledoitWolf(products: Float64Array, units: number): { shrinkage: number; scale: number } {
  const rows = Math.sqrt(products.length);
  let [trace, fourth, norm] = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    trace += products[i * rows + i];
    fourth += products[i * rows + i] ** 2;
  }
  for (const own of products) norm += own * own;
  norm /= rows * rows;
  const scale = trace / rows / units;
  if (units === 1) return { shrinkage: 0, scale };
  const delta = (norm - units * scale * scale) / units;
  // Of two rows, whose squares are alike, the difference is nothing but rounding.
  const spread = fourth / rows - norm > 1e-12 * norm ? fourth / rows - norm : 0;
  const beta = Math.min(spread / (units * rows), delta);
  return { shrinkage: beta > 0 ? beta / delta : 0, scale };
}
