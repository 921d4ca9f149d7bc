import { above, below, divergingName, faintest, strongest } from './colour.js';
import { html, type Markup } from './html.js';
import { colourScale } from './scale.js';
import { decimal } from './words.js';

/** The two scales of a map of all units: faint below the threshold, strong from there to three times it. */
export function mapScale(called: string, threshold: number): Markup {
  const at = (value: number) => decimal(value, 1);
  const least = (colour: string) => `color-mix(in srgb, ${colour} ${100 * strongest}%, transparent)`;
  return html`${colourScale({
    ticks: [at(-threshold), '0', at(threshold)],
    colours: [below, 'transparent', above],
    opacity: faintest,
    of: `${called} outside the network; ${divergingName}`,
  })}${colourScale({
    ticks: [at(-3 * threshold), `∓${at(threshold)}`, at(3 * threshold)],
    colours: [below, `${least(below)} 50%`, `${least(above)} 50%`, above],
    of: `${called} of members`,
  })}`;
}
