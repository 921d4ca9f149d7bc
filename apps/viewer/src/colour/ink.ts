/** How strong a colour of `divergingColour` is on which black and white are read equally well. */
const even = { light: { below: 0.827, above: 0.8 }, dark: { below: 0.6, above: 0.617 } };

/**
 * Ink for a colour of `divergingColour`, which it is read on at 4.5 to 1 or better (WCAG 2.2, 1.4.3): strong colours are dark on a light page and light
 * on a dark one.
 */
export function inkOn(shade: number, isDark: boolean): string {
  const { below, above } = isDark ? even.dark : even.light;
  const isStrong = Math.abs(shade) > (shade < 0 ? below : above);
  return isStrong === isDark ? '#000000' : '#ffffff';
}
