/**
 * Colours of effects: blue below 0, vermilion above, and at 0 the page's ground. Lightness and chroma change linearly from 0 to 1 in OKLab (Ottosson
 * 2020, https://bottosson.github.io/posts/oklab/), so equal steps look equal; these two hues stay apart for people with any of the common
 * kinds of colour blindness.
 */
export const divergingName = 'OKLab blue to vermilion';

const ends = { light: { ground: 0.97, end: 0.48 }, dark: { ground: 0.24, end: 0.78 } };
const chroma = 0.16;
const hue = { below: 255, above: 40 };

/** The colour of a value from -1 to 1, as CSS has it. */
export function divergingColour(value: number, dark: boolean): string {
  const { ground, end } = dark ? ends.dark : ends.light;
  const size = Math.min(1, Math.abs(value));
  const lightness = ground + (end - ground) * size;
  return `oklch(${lightness.toFixed(4)} ${(chroma * size).toFixed(4)} ${value < 0 ? hue.below : hue.above})`;
}

/** Steps of `colourTable` on either side of 0. */
export const tableSteps = 127;

let tables: { light?: Uint32Array; dark?: Uint32Array } = {};

/**
 * Colours from -1 to 1 as pixels of an ImageData, [2 * tableSteps + 1], in the byte order of this machine: the browser turns OKLab into what the screen
 * takes.
 */
export function colourTable(dark: boolean): Uint32Array {
  const known = dark ? tables.dark : tables.light;
  if (known) return known;
  const canvas = document.createElement('canvas');
  canvas.width = 2 * tableSteps + 1;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  for (let step = -tableSteps; step <= tableSteps; step++) {
    context.fillStyle = divergingColour(step / tableSteps, dark);
    context.fillRect(step + tableSteps, 0, 1, 1);
  }
  const { data } = context.getImageData(0, 0, canvas.width, 1);
  const table = new Uint32Array(data.buffer.slice(0));
  tables = { ...tables, [dark ? 'dark' : 'light']: table };
  return table;
}

/** The colour of a value from -1 to 1 as `#rrggbb`, for programs that know no OKLab. */
export function plainColour(value: number, dark: boolean): string {
  const pixel = colourTable(dark)[tableSteps + Math.round(tableSteps * Math.max(-1, Math.min(1, value)))];
  const [red, green, blue] = new Uint8Array(Uint32Array.of(pixel).buffer);
  return `#${[red, green, blue].map((each) => each.toString(16).padStart(2, '0')).join('')}`;
}
