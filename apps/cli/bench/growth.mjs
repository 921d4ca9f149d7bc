/**
 * Exponents of a quantity's growth: least squares of its logarithm on the logarithms of what grew.
 *
 * @param {readonly Record<string, number>[]} sizes what each measurement was of
 * @param {readonly number[]} values positive
 * @returns {Record<string, number>} an exponent for each size that took as many values as can be told apart; none of others
 */
export function growthExponents(sizes, values) {
  const names = Object.keys(sizes[0] ?? {}).filter((name) => new Set(sizes.map((size) => size[name])).size > 1);
  const rows = sizes.map((size) => [1, ...names.map((name) => Math.log(size[name]))]);
  const width = names.length + 1;
  if (rows.length < width) return {};
  // Normal equations, with the right side as a last column, by elimination.
  const a = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width + 1 }, (_, j) =>
      rows.reduce((sum, row, r) => sum + row[i] * (j < width ? row[j] : Math.log(values[r])), 0),
    ),
  );
  for (let i = 0; i < width; i++) {
    const pivot = a.reduce((best, row, r) => (r >= i && Math.abs(row[i]) > Math.abs(a[best][i]) ? r : best), i);
    [a[i], a[pivot]] = [a[pivot], a[i]];
    if (Math.abs(a[i][i]) < 1e-9) return {};
    for (let r = 0; r < width; r++) {
      if (r === i) continue;
      const factor = a[r][i] / a[i][i];
      for (let j = i; j <= width; j++) a[r][j] -= factor * a[i][j];
    }
  }
  return Object.fromEntries(names.map((name, k) => [name, a[k + 1][width] / a[k + 1][k + 1]]));
}
