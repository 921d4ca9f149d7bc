import { expect, test } from 'vitest';
import { above, below } from '../../src/page/colour.js';

/** OKLab of sRGB from 0 to 1, as Ottosson gives it (https://bottosson.github.io/posts/oklab/). */
function oklab(rgb: readonly number[]): number[] {
  const [r, g, b] = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
const rgbOf = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);

test('both colours of effects have one lightness and chroma', () => {
  for (const colour of [above, below]) {
    const [lightness, a, b] = oklab(rgbOf(colour));
    expect(lightness).toBeCloseTo(0.6, 2);
    expect(Math.hypot(a, b)).toBeCloseTo(0.16, 2);
  }
});

test.each(['#fffffb', '#161614'])('equal steps of opacity are nearly equal steps for the eye on %s', (ground) => {
  for (const colour of [above, below]) {
    const shades = Array.from({ length: 9 }, (_, k) =>
      oklab(rgbOf(ground).map((own, i) => own + ((rgbOf(colour)[i] - own) * k) / 8)),
    );
    const steps = shades.slice(1).map((shade, k) => Math.hypot(...shade.map((x, i) => x - shades[k][i])));
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.25);
  }
});
