import type { MapWindow } from '../address.js';

export const whole: MapWindow = { left: 0, top: 0, right: 1, bottom: 1 };

/**
 * The window after a zoom about a point, which stays where it is on the screen.
 *
 * @param factor below 1 shows less, larger
 * @param at shares of the window, from its left and top
 * @param least shares of the map that are always seen: a few units
 */
export function zoomed(
  { left, top, right, bottom }: MapWindow,
  factor: number,
  at: { x: number; y: number },
  least: { x: number; y: number },
): MapWindow {
  const [x0, x1] = stretch(left, right, factor, at.x, least.x);
  const [y0, y1] = stretch(top, bottom, factor, at.y, least.y);
  return { left: x0, right: x1, top: y0, bottom: y1 };
}

function stretch(from: number, to: number, factor: number, at: number, least: number): [number, number] {
  const size = Math.min(1, Math.max(Math.min(least, 1), (to - from) * factor));
  const start = Math.min(1 - size, Math.max(0, from + at * (to - from) - at * size));
  return [start, start + size];
}

/** The window moved by shares of itself, as far as the map goes. */
export function moved({ left, top, right, bottom }: MapWindow, x: number, y: number): MapWindow {
  const [across, down] = [right - left, bottom - top];
  const [x0, y0] = [
    Math.min(1 - across, Math.max(0, left + x * across)),
    Math.min(1 - down, Math.max(0, top + y * down)),
  ];
  return { left: x0, top: y0, right: x0 + across, bottom: y0 + down };
}

/** Undefined for the whole map, so that it stands in no address. */
export const unlessWhole = (window: MapWindow): MapWindow | undefined =>
  window.left <= 0 && window.top <= 0 && window.right >= 1 && window.bottom >= 1 ? undefined : window;
