import { plainColour } from '../colour/diverging.js';
import { digits } from '../words.js';

/** What a picture of the map is made of. */
export interface PictureOfMap {
  canvas: HTMLCanvasElement;
  title: string;
  statistic: string;
  limit: number;
  /** Labels of layers, at shares of the height. */
  layers: readonly { layer: string; at: number }[];
  dark: boolean;
}

const labels = 110;
const head = 28;
const foot = 48;

/** The map as an SVG of its own: the raster as an image, names and colours as text and shapes. */
export function pictureSvg({ canvas, title, statistic, limit, layers, dark }: PictureOfMap): string {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const [ground, ink] = dark ? ['#17181a', '#ececea'] : ['#ffffff', '#1c1d1f'];
  const stops = Array.from({ length: 21 }, (_, i) => {
    const at = (i - 10) / 10;
    return `<stop offset="${i * 5}%" stop-color="${plainColour(at, dark)}"/>`;
  });
  const text = (x: number, y: number, words: string, anchor = 'start') =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${ink}">${escaped(words)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${labels + width + 10} ${head + height + foot}" font-family="sans-serif" font-size="12">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="${ground}"/>
${text(labels, 18, title)}
${layers.map(({ layer, at }) => text(labels - 8, head + at * height + 4, layer, 'end')).join('\n')}
<image x="${labels}" y="${head}" width="${width}" height="${height}" href="${canvas.toDataURL('image/png')}"/>
<linearGradient id="colours">${stops.join('')}</linearGradient>
<rect x="${labels}" y="${head + height + 12}" width="160" height="12" fill="url(#colours)"/>
${text(labels, head + height + 40, digits(-limit))}
${text(labels + 160, head + height + 40, digits(limit), 'end')}
${text(labels + 172, head + height + 22, statistic)}
</svg>
`;
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
