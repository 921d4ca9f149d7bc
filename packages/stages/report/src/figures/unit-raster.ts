import type { MapSite } from '@galvani/results';
import { encode } from 'fast-png';
import { above, below, faintest, strongest } from '../page/colour.js';
import type { DrawnMap } from '../results/drawn-map.js';

/** Where the units of a map lie in an image: a site after the other, each on rows of its own. */
export interface RasterLayout {
  width: number;
  height: number;
  /** Neighbouring units of a site that share a pixel; 1 where every unit has its own. */
  unitsPerPixel: number;
  sites: (MapSite & { row: number; rows: number })[];
}

/** Above this many units, neighbours share a pixel. */
const mostPixels = 250_000;

/** Lays the units out in rows as wide as the sites that are most frequent in the model, which is its hidden width. */
export function rasterLayout(sites: readonly MapSite[]): RasterLayout {
  const units = sites.reduce((sum, { width }) => sum + width, 0);
  const unitsPerPixel = Math.max(1, Math.ceil(units / mostPixels));
  const width = Math.ceil(mostFrequent(sites.map((s) => s.width)) / unitsPerPixel);
  let row = 0;
  const placed = sites.map((site) => {
    const rows = Math.ceil(site.width / unitsPerPixel / width);
    const place = { ...site, row, rows };
    row += rows;
    return place;
  });
  return { width, height: row, unitsPerPixel, sites: placed };
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [1, 0])[0];
}

/** Shades in the image, by index: untested, then faint ones of units outside the network, then strong ones of members. */
const steps = 8;
const untested = 1;
const faint = (sign: number, step: number) => 2 + (sign > 0 ? 0 : steps) + step;
const strong = (sign: number, step: number) => 2 + 2 * steps + (sign > 0 ? 0 : steps) + step;

/** Translucent colours come first, as the PNG format wants them. */
const palette = (() => {
  const ramp = (hex: string, opacity: (part: number) => number) => {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    return Array.from({ length: steps }, (_, step): [number, number, number, number] => [
      ...([r, g, b] as [number, number, number]),
      Math.round(255 * opacity(step / (steps - 1))),
    ]);
  };
  const faintly = (part: number) => faintest * part;
  const strongly = (part: number) => strongest + (1 - strongest) * part;
  return [
    [0, 0, 0, 0],
    [128, 128, 128, 60],
    ...ramp(above, faintly),
    ...ramp(below, faintly),
    ...ramp(above, strongly),
    ...ramp(below, strongly),
  ] as [number, number, number, number][];
})();

/** Whether each unit of a map belongs to the network. */
export type Membership = Uint8Array;

/**
 * The shade of each pixel. A unit outside the network fades with the size of its statistic below `threshold`; a member darkens up
 * to three times the threshold, so that both the strong and the nearly strong are seen. Of units that share a pixel the strongest
 * shows, members first.
 */
export function rasterShades(
  { flags, statistic }: Pick<DrawnMap, 'flags' | 'statistic'>,
  members: Membership,
  threshold: number,
  layout: RasterLayout,
): Uint8Array {
  const shades = new Uint8Array(layout.width * layout.height);
  const rank = (unit: number) => members[unit] * 1e9 + Math.abs(statistic[unit]);
  for (const { start, width, row } of layout.sites)
    for (let pixel = 0; pixel * layout.unitsPerPixel < width; pixel++) {
      const from = start + pixel * layout.unitsPerPixel;
      const end = Math.min(from + layout.unitsPerPixel, start + width);
      let shown = -1;
      for (let unit = from; unit < end; unit++) {
        if (flags[unit] !== 0 || !Number.isFinite(statistic[unit])) continue;
        if (shown < 0 || rank(unit) > rank(shown)) shown = unit;
      }
      shades[row * layout.width + pixel] =
        shown < 0 ? untested : shadeOf(statistic[shown], members[shown] === 1, threshold);
    }
  return shades;
}

function shadeOf(value: number, member: boolean, threshold: number): number {
  const ratio = Math.abs(value) / threshold;
  const part = member ? (ratio - 1) / 2 : ratio;
  return (member ? strong : faint)(value, Math.max(0, Math.min(steps - 1, Math.floor(part * steps))));
}

/** The image as a data URI. */
export function rasterImage(shades: Uint8Array, layout: RasterLayout): string {
  const png = encode(
    { width: layout.width, height: layout.height, data: shades, depth: 8, channels: 1, palette },
    { zlib: { level: 9 } },
  );
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}
