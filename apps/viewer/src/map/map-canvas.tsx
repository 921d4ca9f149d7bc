import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MapWindow } from '../address.js';
import { dark } from '../colour/dark.js';
import { colourTable } from '../colour/diverging.js';
import { paintMap } from './paint-map.js';
import { placeOf, type RasterLayout, unitAt } from './raster-layout.js';
import { moved, whole, zoomed } from './zoom.js';

interface MapCanvasProps {
  /** What the picture is, for who does not see it. */
  label: string;
  layout: RasterLayout;
  values: ArrayLike<number>;
  limit: number;
  /** See `Painting`. */
  drawn?: Uint8Array;
  extremeDrawn?: boolean;
  /** Units whose network is outlined: 0 for none. */
  outlined?: ArrayLike<number>;
  window: MapWindow;
  /** The selected unit, among all. */
  selected?: number;
  onSelect(unit: number): void;
  onWindow(window: MapWindow, step: boolean): void;
  /** The unit under the pointer, or -1. */
  onPoint(unit: number): void;
}

/** Pixels that the pointer may move between press and release of a click. */
const steady = 4;

/** The raster of a map: wheel and keys zoom, a drag moves, a click selects a unit. */
export function MapCanvas(props: MapCanvasProps) {
  const { label, layout, window, selected, onSelect, onWindow, onPoint } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const image = useRef<ImageData | undefined>(undefined);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const isDark = dark.value;
  const quiet = useMemo(() => quietColours(isDark), [isDark]);

  useEffect(() => {
    const watched = new ResizeObserver(([{ contentRect }]) =>
      setSize({ width: Math.round(contentRect.width), height: Math.round(contentRect.height) }),
    );
    watched.observe(canvas.current!);
    return () => watched.disconnect();
  }, []);

  useEffect(() => {
    const { width, height } = size;
    if (width === 0 || height === 0) return;
    const own = canvas.current!;
    const scale = Math.min(2, devicePixelRatio || 1);
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    if (own.width !== across || own.height !== down) {
      own.width = across;
      own.height = down;
    }
    const context = own.getContext('2d')!;
    if (image.current?.width !== across || image.current.height !== down)
      image.current = context.createImageData(across, down);
    const { data } = image.current;
    paintMap(new Uint32Array(data.buffer), across, down, { ...props, colours: colourTable(isDark), quiet });
    context.putImageData(image.current, 0, 0);
    drawLayers(context, layout, window, isDark);
    if (props.outlined) outlineUnits(context, layout, window, props.outlined, isDark);
    if (selected !== undefined && selected >= 0) markUnit(context, layout, window, selected, isDark);
  }, [size, layout, props.values, props.limit, props.drawn, props.outlined, window, selected, isDark]);

  const at = ({ clientX, clientY }: { clientX: number; clientY: number }) => {
    const box = canvas.current!.getBoundingClientRect();
    return { x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height };
  };
  const unitOf = ({ x, y }: { x: number; y: number }) =>
    unitAt(
      layout,
      Math.floor((window.top + y * (window.bottom - window.top)) * layout.rows),
      Math.floor((window.left + x * (window.right - window.left)) * layout.columns),
    );
  const least = { x: 8 / layout.columns, y: 6 / layout.rows };

  // Preact listens to the wheel passively, and the page would scroll.
  useEffect(() => {
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      onWindow(zoomed(window, 1.0015 ** event.deltaY, at(event), least), false);
    };
    canvas.current!.addEventListener('wheel', onWheel, { passive: false });
    return () => canvas.current?.removeEventListener('wheel', onWheel);
  });

  const drag = useRef<{ x: number; y: number; window: MapWindow; far: boolean } | undefined>(undefined);
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const zoom = { '+': 0.5, '=': 0.5, '-': 2 }[event.key];
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (zoom) onWindow(zoomed(window, zoom, centreOf(layout, window, selected), least), true);
    else if (event.key === '0') onWindow(whole, true);
    else if (step && event.shiftKey) onWindow(moved(window, step[0] / 4, step[1] / 4), true);
    else if (step) {
      const { row, column } =
        selected === undefined
          ? { row: Math.floor(window.top * layout.rows), column: Math.floor(window.left * layout.columns) - step[0] }
          : placeOf(layout, selected);
      const next = unitAt(layout, row + step[1], column + step[0]);
      if (next >= 0) onSelect(next);
    } else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it takes keys of its own, which 'application' tells screen readers.
    <canvas
      ref={canvas}
      class="map"
      tabIndex={0}
      role="application"
      aria-label={`${label}. Arrow keys select units, plus and minus zoom, 0 shows all.`}
      onKeyDown={onKey}
      onPointerDown={(event) => {
        canvas.current!.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, y: event.clientY, window, far: false };
      }}
      onPointerMove={(event) => {
        const from = drag.current;
        onPoint(from?.far ? -1 : unitOf(at(event)));
        if (!from) return;
        const box = canvas.current!.getBoundingClientRect();
        const [x, y] = [event.clientX - from.x, event.clientY - from.y];
        from.far ||= Math.hypot(x, y) > steady;
        if (from.far) onWindow(moved(from.window, -x / box.width, -y / box.height), false);
      }}
      onPointerUp={(event) => {
        const from = drag.current;
        drag.current = undefined;
        const unit = unitOf(at(event));
        if (from && !from.far && unit >= 0) onSelect(unit);
      }}
      onPointerLeave={() => onPoint(-1)}
      onDblClick={(event) => onWindow(zoomed(window, 0.25, at(event), least), true)}
    />
  );
}

/** Where a unit is in a window, in shares; its middle where none is selected or seen. */
function centreOf(layout: RasterLayout, window: MapWindow, selected: number | undefined) {
  if (selected === undefined) return { x: 0.5, y: 0.5 };
  const { x, y } = inWindow(layout, window, selected);
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { x, y } : { x: 0.5, y: 0.5 };
}

/** The middle of a unit, in shares of the window. */
function inWindow(layout: RasterLayout, { left, top, right, bottom }: MapWindow, unit: number) {
  const { row, column } = placeOf(layout, unit);
  return {
    x: ((column + 0.5) / layout.columns - left) / (right - left),
    y: ((row + 0.5) / layout.rows - top) / (bottom - top),
  };
}

const ink = (isDark: boolean) => (isDark ? '#ffffff' : '#000000');

function drawLayers(context: CanvasRenderingContext2D, layout: RasterLayout, window: MapWindow, isDark: boolean) {
  const { width, height } = context.canvas;
  context.strokeStyle = isDark ? '#ffffff40' : '#00000040';
  context.lineWidth = 1;
  for (const { row } of layout.layers.slice(1)) {
    const y = Math.round(((row / layout.rows - window.top) / (window.bottom - window.top)) * height) + 0.5;
    if (y < 0 || y > height) continue;
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(width, y);
    context.stroke();
  }
}

/** Frames units that are large enough to have a frame; smaller ones get a dot's worth of one. */
function outlineUnits(
  context: CanvasRenderingContext2D,
  layout: RasterLayout,
  window: MapWindow,
  outlined: ArrayLike<number>,
  isDark: boolean,
) {
  const { width, height } = context.canvas;
  const across = width / ((window.right - window.left) * layout.columns);
  const down = height / ((window.bottom - window.top) * layout.rows);
  context.strokeStyle = ink(isDark);
  context.lineWidth = Math.max(1, Math.min(2, across / 6));
  for (let unit = 0; unit < outlined.length; unit++) {
    if (outlined[unit] === 0) continue;
    const { x, y } = inWindow(layout, window, unit);
    if (x < 0 || x > 1 || y < 0 || y > 1) continue;
    context.strokeRect(x * width - across / 2, y * height - down / 2, Math.max(2, across), Math.max(2, down));
  }
}

function markUnit(
  context: CanvasRenderingContext2D,
  layout: RasterLayout,
  window: MapWindow,
  unit: number,
  isDark: boolean,
) {
  const { width, height } = context.canvas;
  const { x, y } = inWindow(layout, window, unit);
  if (x < 0 || x > 1 || y < 0 || y > 1) return;
  const [across, down] = [
    width / ((window.right - window.left) * layout.columns),
    height / ((window.bottom - window.top) * layout.rows),
  ];
  const [half, tall] = [Math.max(6, across / 2 + 3), Math.max(6, down / 2 + 3)];
  for (const [colour, thick] of [
    [isDark ? '#000000' : '#ffffff', 5],
    [ink(isDark), 2],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.strokeRect(x * width - half, y * height - tall, 2 * half, 2 * tall);
  }
}

/** What a threshold leaves out fades towards the ground; what was not tested is grey. */
function quietColours(isDark: boolean): { out: Uint32Array; untested: number } {
  const table = colourTable(isDark);
  const bytes = new Uint8Array(table.slice().buffer);
  for (let at = 3; at < bytes.length; at += 4) bytes[at] = 56;
  return { out: new Uint32Array(bytes.buffer), untested: isDark ? 0x40808080 : 0x50808080 };
}
