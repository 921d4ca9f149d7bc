import type { MapWindow } from '../address.js';
import { tableSteps } from '../colour/diverging.js';
import type { RasterLayout } from './raster-layout.js';

export interface Painting {
  layout: RasterLayout;
  /** Of each unit; NaN where it was not tested. */
  values: ArrayLike<number>;
  /** The value whose colour is the last. */
  limit: number;
  /** Of each unit 1 where it is drawn in full, 0 where the threshold leaves it out. Undefined: all are. */
  drawn?: Uint8Array;
  /** Whether those that are drawn are the most extreme ones, so that what a pixel shows is the same at every threshold. */
  extremeDrawn?: boolean;
  /** See `colourTable`. */
  colours: Uint32Array;
  /** Of what the threshold leaves out, and of what was not tested. */
  quiet: { out: Uint32Array; untested: number };
  window: MapWindow;
}

/**
 * Paints what a window shows of a map, a pixel for what lies under it. Where several units share a pixel the most extreme one shows, those that are
 * drawn first: a single strong unit among thousands is seen.
 *
 * @param pixels [height x width], as ImageData has them
 */
export function paintMap(pixels: Uint32Array, width: number, height: number, painting: Painting): void {
  const { layout, values, limit, drawn, colours, quiet, window } = painting;
  const [left, across] = [window.left * layout.columns, (window.right - window.left) * layout.columns];
  const [top, down] = [window.top * layout.rows, (window.bottom - window.top) * layout.rows];
  const frame = { left, across, top, down, width, height };
  const shown =
    drawn && !painting.extremeDrawn ? shownUnits(layout, values, drawn, frame) : knownUnits(layout, values, frame);
  const steps = colourSteps(values, limit);
  // Units first: pixels are more, and then look up one thing each.
  const inks = new Uint32Array(steps.length);
  for (let unit = 0; unit < inks.length; unit++) {
    const step = steps[unit];
    inks[unit] = step === untested ? quiet.untested : drawn && drawn[unit] === 0 ? quiet.out[step] : colours[step];
  }
  for (let at = 0; at < pixels.length; at++) pixels[at] = shown[at] < 0 ? 0 : inks[shown[at]];
}

const untested = 255;

/** Of each unit its colour's place in the table, [units]. A map is painted again and again with the same values. */
function colourSteps(values: ArrayLike<number>, limit: number): Uint8Array {
  const known = stepsOf.get(values);
  if (known?.limit === limit) return known.steps;
  const steps = new Uint8Array(values.length);
  for (let unit = 0; unit < steps.length; unit++) {
    const value = values[unit];
    steps[unit] = Number.isNaN(value)
      ? untested
      : tableSteps + Math.round(tableSteps * Math.max(-1, Math.min(1, value / limit)));
  }
  stepsOf.set(values, { limit, steps });
  return steps;
}

const stepsOf = new WeakMap<ArrayLike<number>, { limit: number; steps: Uint8Array }>();

/** `shownUnits` where all are drawn, or the most extreme: while the threshold moves they stay. */
function knownUnits(layout: RasterLayout, values: ArrayLike<number>, frame: Frame): Int32Array {
  const key = JSON.stringify(frame);
  const known = unitsOf.get(values);
  if (known?.key === key && known.layout === layout) return known.shown;
  const shown = shownUnits(layout, values, undefined, frame);
  unitsOf.set(values, { key, layout, shown });
  return shown;
}

const unitsOf = new WeakMap<ArrayLike<number>, { key: string; layout: RasterLayout; shown: Int32Array }>();

interface Frame {
  left: number;
  across: number;
  top: number;
  down: number;
  width: number;
  height: number;
}

/** For each pixel the unit that it shows; -1 for none. */
function shownUnits(
  layout: RasterLayout,
  values: ArrayLike<number>,
  drawn: Uint8Array | undefined,
  { left, across, top, down, width, height }: Frame,
): Int32Array {
  const { columns } = layout;
  const shown = new Int32Array(width * height).fill(-1);
  const [unitsAcross, unitsDown] = [across / width, down / height];
  const size = (unit: number) => {
    const own = Math.abs(values[unit]);
    return own >= 0 ? own : -1;
  };
  const isBefore = (unit: number, other: number) => {
    if (drawn && drawn[unit] !== drawn[other]) return drawn[unit] > drawn[other];
    return size(unit) > size(other);
  };
  for (const { start, width: units, row, rows } of layout.sites) {
    // Lines of pixels that show rows of this site.
    const first = Math.max(0, Math.floor((row - top) / unitsDown));
    const last = Math.min(height - 1, Math.ceil((row + rows - top) / unitsDown));
    for (let y = first; y <= last; y++) {
      const fromRow = Math.floor(top + y * unitsDown);
      const toRow = Math.max(fromRow + 1, Math.floor(top + (y + 1) * unitsDown));
      for (let r = Math.max(row, fromRow); r < Math.min(row + rows, toRow); r++) {
        const base = start + (r - row) * columns;
        const inRow = Math.min(columns, units - (r - row) * columns);
        for (let x = 0; x < width; x++) {
          const fromColumn = Math.floor(left + x * unitsAcross);
          const toColumn = Math.min(inRow, Math.max(fromColumn + 1, Math.floor(left + (x + 1) * unitsAcross)));
          for (let column = fromColumn; column < toColumn; column++) {
            const unit = base + column;
            const before = shown[y * width + x];
            if (before < 0 || (before !== unit && isBefore(unit, before))) shown[y * width + x] = unit;
          }
        }
      }
    }
  }
  return shown;
}
