import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Markup, trusted } from './html.js';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/**
 * Draws a plot as inline SVG. `label` tells those who cannot see it what it shows.
 * Colours may be CSS variables of the page, so a figure follows the page from light to dark.
 */
export function drawPlot(label: string, options: Plot.PlotOptions): Markup {
  const svg = Plot.plot({ ...options, document: document as unknown as Document });
  if (svg.nodeName.toLowerCase() !== 'svg') throw new Error(`the figure '${label}' is not a lone SVG`);
  // What Plot calls its marks is for programs: a group without a role may bear no label.
  for (const mark of svg.querySelectorAll('[aria-label]')) {
    mark.setAttribute('data-mark', mark.getAttribute('aria-label')!);
    mark.removeAttribute('aria-label');
  }
  svg.removeAttribute('font-size');
  svg.removeAttribute('font-family');
  svg.querySelector('style')?.remove();
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  return trusted(svg.outerHTML);
}
