import { expect, test } from 'vitest';
import { divergingColour } from '../../src/colour/diverging.js';
import { inkOn } from '../../src/colour/ink.js';

/** Relative luminance (WCAG) of a colour in OKLCH (Ottosson 2020), as far as a screen can show it. */
function luminance(colour: string): number {
  const [l, c, h] = /oklch\((.*) (.*) (.*)\)/.exec(colour)!.slice(1).map(Number);
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const shown = [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ].map((value) => Math.min(1, Math.max(0, value)));
  return 0.2126 * shown[0] + 0.7152 * shown[1] + 0.0722 * shown[2];
}

test.each([false, true])('words are read on every colour; dark: %s', (isDark) => {
  for (let step = -1300; step <= 1300; step++) {
    const ground = luminance(divergingColour(step / 1000, isDark));
    const ink = inkOn(step / 1000, isDark) === '#000000' ? 0 : 1;
    const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    expect(contrast, String(step)).toBeGreaterThan(4.5);
  }
});
