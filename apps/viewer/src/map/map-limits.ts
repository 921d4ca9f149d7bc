/** A round number at or above the size that all but a few units stay below: the value of the last colour. */
export function colourLimit(values: ArrayLike<number>): number {
  const sizes = Float64Array.from(values, Math.abs)
    .filter((size) => Number.isFinite(size))
    .sort();
  if (sizes.length === 0) return 1;
  const wanted = sizes[Math.floor(0.999 * (sizes.length - 1))] || sizes[sizes.length - 1] || 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((step) => step * power >= wanted * (1 - 1e-12)) ?? 10);
}
