import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paintMap } from '../../src/map/paint-map.js';
import { rasterLayout, unitAt } from '../../src/map/raster-layout.js';

/** A colour that says its step, so that pixels can be read. */
const colours = Uint32Array.from({ length: 255 }, (_, step) => 1000 + step);
const out = Uint32Array.from({ length: 255 }, (_, step) => 2000 + step);
const quiet = { out, untested: 7 };
const whole = { left: 0, top: 0, right: 1, bottom: 1 };
const layout = rasterLayout(
  [6, 6, 15].map((width, s) => ({ site: `${s}`, kind: '', layer: '', width, start: [0, 6, 12][s] })),
);
const stepOf = (value: number) => 127 + Math.round(127 * Math.max(-1, Math.min(1, value)));

test('where each unit has pixels of its own, each shows its value, and nothing shows where no unit is', () => {
  const values = Float64Array.from({ length: 27 }, (_, unit) => (unit === 5 ? Number.NaN : unit / 27 - 0.5));
  const [width, height] = [layout.columns * 3, layout.rows * 2];
  const pixels = new Uint32Array(width * height);
  paintMap(pixels, width, height, { layout, values, limit: 1, colours, quiet, window: whole });
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const unit = unitAt(layout, Math.floor(y / 2), Math.floor(x / 3));
      const expected = unit < 0 ? 0 : Number.isNaN(values[unit]) ? 7 : 1000 + stepOf(values[unit]);
      expect(pixels[y * width + x], `${x}, ${y}`).toBe(expected);
    }
});

test('where units share a pixel the most extreme of those that are drawn shows', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 1)), {
        minLength: 27,
        maxLength: 27,
      }),
      (units) => {
        const values = Float64Array.from(units, ([value]) => value);
        const drawn = Uint8Array.from(units, ([, own]) => own);
        const pixels = new Uint32Array(1);
        paintMap(pixels, 1, 1, { layout, values, limit: 1, drawn, colours, quiet, window: whole });
        const among = drawn.includes(1) ? [...values.keys()].filter((u) => drawn[u] === 1) : [...values.keys()];
        const largest = Math.max(...among.map((u) => Math.abs(values[u])));
        const steps = among.filter((u) => Math.abs(values[u]) === largest).map((u) => stepOf(values[u]));
        expect(steps.map((step) => step + (drawn.includes(1) ? 1000 : 2000))).toContain(pixels[0]);
      },
    ),
  );
});

test('where the most extreme units are drawn, what was found before is painted alike at every threshold', () => {
  const values = Float64Array.from({ length: 27 }, (_, unit) => Math.sin(unit * 7) / 1.1);
  for (const threshold of [0, 0.2, 0.5, 0.9]) {
    const drawn = Uint8Array.from(values, (value) => Number(Math.abs(value) >= threshold));
    const painting = { layout, values, limit: 1, drawn, colours, quiet, window: whole };
    const [found, known] = [new Uint32Array(6), new Uint32Array(6)];
    paintMap(found, 3, 2, painting);
    paintMap(known, 3, 2, { ...painting, extremeDrawn: true });
    expect([...known]).toEqual([...found]);
  }
});

test('a window shows its part alone', () => {
  const values = Float64Array.from({ length: 27 }, (_, unit) => unit / 27);
  const pixels = new Uint32Array(2);
  const window = { left: 2 / 6, right: 4 / 6, top: 1 / 5, bottom: 2 / 5 };
  paintMap(pixels, 2, 1, { layout, values, limit: 1, colours, quiet, window });
  expect([...pixels]).toEqual([8, 9].map((unit) => 1000 + stepOf(values[unit])));
});
