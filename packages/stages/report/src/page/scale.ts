import { html, type Markup } from './html.js';

/** What the colours of a map mean. */
export interface ColourScale {
  /** Numbers below the bar, from its left end to its right, evenly spread. */
  ticks: readonly string[];
  /** CSS colours at even distances; between them, as on the map, colours run evenly. */
  colours: readonly string[];
  /** What is coloured, and in what units. */
  of: string;
  /** Opacity of the fullest colour; default 1. */
  opacity?: number;
}

/** A bar of a map's colours, with numbers and what they are of. */
export function colourScale({ ticks, colours, of, opacity = 1 }: ColourScale): Markup {
  return html`<div class="scale"><span class="ramp"><span style="opacity: ${opacity}; background: linear-gradient(to right, ${colours.join(', ')})"></span></span><span class="ticks">${ticks.map((tick) => html`<span>${tick}</span>`)}</span><small>${of}</small></div>`;
}
