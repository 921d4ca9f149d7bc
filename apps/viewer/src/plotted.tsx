import * as Plot from '@observablehq/plot';
import { useEffect, useRef, useState } from 'preact/hooks';

const plotStyle = { background: 'transparent', color: 'inherit', overflow: 'visible', fontSize: '12px' };

interface PlottedProps {
  /** What the chart shows, for who does not see it. */
  label: string;
  /** Options of the chart at a width in pixels. */
  options: (width: number) => Plot.PlotOptions;
  /** What the options depend on. */
  by: readonly unknown[];
  /** Told the mark's datum under the pointer or the last that was clicked, of charts with a tip. */
  onPick?(value: unknown): void;
}

/** A chart of Observable Plot, as wide as its place. */
export function Plotted({ label, options, by, onPick }: PlottedProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const watched = new ResizeObserver(([{ contentRect }]) => setWidth(Math.floor(contentRect.width)));
    watched.observe(place.current!);
    return () => watched.disconnect();
  }, []);
  useEffect(() => {
    if (width === 0) return;
    const chart = Plot.plot({ ...options(width), width, style: { ...plotStyle } });
    // One picture with one name; Plot names its groups, which have no role that could bear a name.
    for (const named of chart.querySelectorAll('[aria-label]')) named.removeAttribute('aria-label');
    chart.setAttribute('role', 'img');
    chart.setAttribute('aria-label', label);
    if (onPick)
      chart.addEventListener(
        'click',
        () => (chart as unknown as { value?: unknown }).value && onPick((chart as unknown as { value: unknown }).value),
      );
    place.current!.replaceChildren(chart);
  }, [width, ...by]);
  return <div ref={place} class="chart" />;
}
