import fc from 'fast-check';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { rasterImage, rasterLayout, rasterShades } from '../../src/figures/unit-raster.js';
import type { DrawnMap } from '../../src/results/drawn-map.js';

function sitesOf(widths: readonly number[]): DrawnMap['sites'] {
  let start = 0;
  return widths.map((width, i) => {
    const site = { site: `site ${i}`, kind: 'linear', layer: `block-0${i}`, width, start };
    start += width;
    return site;
  });
}

function mapOf(
  z: number[],
  widths: number[],
  flags = new Uint8Array(z.length),
): Pick<DrawnMap, 'sites' | 'flags' | 'statistic'> {
  return { sites: sitesOf(widths), statistic: Float64Array.from(z), flags };
}

test('rows are as wide as most sites are, and wider sites take several', () => {
  const { width, height, unitsPerPixel, sites } = rasterLayout(sitesOf([192, 192, 768, 192, 4096]));
  expect([width, unitsPerPixel]).toEqual([192, 1]);
  expect(sites.map(({ row, rows }) => [row, rows])).toEqual([
    [0, 1],
    [1, 1],
    [2, 4],
    [6, 1],
    [7, 22],
  ]);
  expect(height).toBe(29);
});

test('every unit has a place of its own in its site’s rows', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }), (widths) => {
      const units = widths.reduce((a, b) => a + b, 0);
      const map = mapOf(
        Array.from({ length: units }, () => 5),
        widths,
      );
      const layout = rasterLayout(map.sites);
      const shades = rasterShades(map, new Uint8Array(units).fill(1), 1, layout);
      expect(shades.filter((shade) => shade !== 0).length).toBe(units);
      expect(shades.length).toBe(layout.width * layout.height);
    }),
  );
});

test('members are strong and outsiders faint, vermilion above rest, blue below, grey untested', () => {
  const map = mapOf([9, -9, 2, -2, 0, Number.NaN], [6]);
  const layout = rasterLayout(map.sites);
  const png = decode(
    Buffer.from(
      rasterImage(rasterShades(map, Uint8Array.of(1, 1, 0, 0, 0, 0), 3, layout), layout).split(',')[1],
      'base64',
    ),
  );
  expect([png.width, png.height]).toEqual([6, 1]);
  const palette = png.palette ?? [];
  const [up, down, faintUp, faintDown, zero, untested] = Array.from(png.data, (index) => palette[index]);
  expect(up).toEqual([204, 87, 42, 128]);
  expect(down).toEqual([50, 128, 221, 255]);
  expect(faintUp.slice(0, 3)).toEqual([204, 87, 42]);
  expect(faintUp[3]).toBeGreaterThan(0);
  expect(faintUp[3]).toBeLessThan(80);
  expect(faintDown[3]).toBe(faintUp[3]);
  expect(zero[3]).toBe(0);
  expect(untested).toEqual([128, 128, 128, 60]);
});

test('where units share a pixel a member shows before a stronger outsider', () => {
  const units = 600_000;
  const t = Array.from({ length: units }, (_, i) => (i === 0 ? 4 : i === 1 ? -8 : 0));
  const map = mapOf(
    t,
    Array.from({ length: 600 }, () => 1000),
  );
  const layout = rasterLayout(map.sites);
  expect(layout.unitsPerPixel).toBe(3);
  const members = new Uint8Array(units);
  const outsider = rasterShades(map, members, 10, layout)[0];
  members[0] = 1;
  const member = rasterShades(map, members, 4, layout)[0];
  const png = decode(
    Buffer.from(
      rasterImage(Uint8Array.of(outsider, member), { ...layout, width: 2, height: 1 }).split(',')[1],
      'base64',
    ),
  );
  const [first, second] = Array.from(png.data, (index) => png.palette?.[index]);
  expect(first?.slice(0, 3)).toEqual([50, 128, 221]);
  expect(second?.[3]).toBe(128);
  expect(second?.[0]).toBeGreaterThan(200);
});

test('a map of 147,456 units without any structure stays below 150 KB', () => {
  const units = 147_456;
  let state = 1;
  const t = Array.from({ length: units }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 2_147_483_647 - 0.5) * 8;
  });
  const map = mapOf(
    t,
    Array.from({ length: 192 }, () => 768),
  );
  const layout = rasterLayout(map.sites);
  expect(rasterImage(rasterShades(map, new Uint8Array(units), 5, layout), layout).length).toBeLessThan(150_000);
});
