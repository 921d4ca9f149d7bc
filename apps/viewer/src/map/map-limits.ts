/** A round number at or above the size that all but a few units stay below: the value of the last colour. */
export function colourLimit(values: ArrayLike<number>): number {
  const finite = new Float64Array(values.length);
  let count = 0;
  for (let unit = 0; unit < values.length; unit++)
    if (Number.isFinite(values[unit])) finite[count++] = Math.abs(values[unit]);
  const sizes = finite.subarray(0, count).sort();
  if (sizes.length === 0) return 1;
  const wanted = sizes[Math.floor(0.999 * (sizes.length - 1))] || sizes[sizes.length - 1] || 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((step) => step * power >= wanted * (1 - 1e-12)) ?? 10);
}
