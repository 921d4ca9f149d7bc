import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeOf, rasterLayout, siteOfUnit, unitAt } from '../../src/map/raster-layout.js';

const sitesOf = (widths: readonly number[]) => {
  let start = 0;
  return widths.map((width, s) => {
    const site = { site: `site.${s}`, kind: 'linear', layer: `layer-${Math.floor(s / 3)}`, width, start };
    start += width;
    return site;
  });
};

test('every unit has a place of its own, from which it is found again', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 }), (widths) => {
      const sites = sitesOf(widths);
      const layout = rasterLayout(sites);
      const units = widths.reduce((a, b) => a + b, 0);
      const places = new Set<string>();
      for (let unit = 0; unit < units; unit++) {
        const { row, column } = placeOf(layout, unit);
        places.add(`${row} ${column}`);
        expect(unitAt(layout, row, column)).toBe(unit);
        const { start, width } = siteOfUnit(sites, unit);
        expect(unit >= start && unit < start + width).toBe(true);
      }
      expect(places.size).toBe(units);
      expect(layout.layers.reduce((sum, { rows }) => sum + rows, 0)).toBe(layout.rows);
    }),
  );
});

test('rows are as wide as most sites, and wider sites take several', () => {
  const layout = rasterLayout(sitesOf([4, 4, 10, 4]));
  expect(layout).toMatchObject({ columns: 4, rows: 6 });
  expect(unitAt(layout, 4, 2)).toBe(-1);
  expect(unitAt(layout, 6, 0)).toBe(-1);
  expect(unitAt(layout, 0, -1)).toBe(-1);
});
