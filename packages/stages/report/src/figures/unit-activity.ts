import type { Token } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal } from '../page/words.js';
import type { Block } from './design-timeline.js';

/** Activity of one unit over the tokens of a run. */
export interface UnitActivity {
  site: string;
  unit: number;
  /** z of the map by which the unit was chosen. */
  z: number;
  series: Float64Array;
}

/** A prompt's stretch of tokens and its mean. */
export interface PromptMean {
  first: number;
  end: number;
  mean: number;
}

/** A series in standard deviations from its mean over the run; a constant series is all 0. */
export function standardScores(series: Float64Array): Float64Array {
  const centre = series.reduce((a, b) => a + b, 0) / series.length;
  const spread = Math.sqrt(series.reduce((a, b) => a + (b - centre) ** 2, 0) / series.length);
  return series.map((value) => (spread > 0 ? (value - centre) / spread : 0));
}

/** The mean of each prompt's tokens, which is what the default noise model tests. */
export function promptMeans(series: Float64Array, tokens: readonly Token[]): PromptMean[] {
  const means: PromptMean[] = [];
  for (let first = 0; first < tokens.length; ) {
    let end = first;
    let sum = 0;
    while (end < tokens.length && tokens[end].prompt === tokens[first].prompt) sum += series[end++];
    means.push({ first, end, mean: sum / (end - first) });
    first = end;
  }
  return means;
}

/** Where the on blocks of a run lie among its tokens. */
export function onStretches(blocks: readonly Block[], tokens: readonly Token[]): { first: number; end: number }[] {
  return blocks
    .filter((block) => block.condition !== 'rest')
    .map((block) => {
      const at = tokens.flatMap(({ prompt }, i) => (prompt >= block.first && prompt < block.end ? [i] : []));
      return { first: at[0], end: at[at.length - 1] + 1 };
    })
    .filter(({ first }) => first !== undefined);
}

/** Beyond this many tokens only the prompts' means are drawn. */
const mostTokens = 1500;

/** Draws all dots of a strip as one path: an element for each of thousands of tokens would be most of the page. */
const dotsInOnePath: Plot.RenderFunction = (index, _, { x, y }, __, { document }) => {
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  const at = (value: number) => Math.round(10 * value) / 10;
  path.setAttribute('d', index.map((i) => `M${at(x![i])} ${at(y![i])}h0`).join(''));
  for (const [name, value] of Object.entries({
    stroke: 'currentColor',
    'stroke-width': '2',
    'stroke-linecap': 'round',
    'stroke-opacity': '0.35',
    'aria-hidden': 'true',
  }))
    path.setAttribute(name, value);
  return path as unknown as SVGElement;
};

/** A strip per unit: its tokens as dots, its prompts' means as lines, on blocks shaded. Where there is a row a prompt, these are counted. */
export function unitActivity(
  label: string,
  units: readonly UnitActivity[],
  tokens: readonly Token[],
  blocks: readonly Block[],
  colour: string,
): Markup {
  const names = units.map(({ site, unit, z }) => `${site}, unit ${unit} (z ${decimal(z, 1)})`);
  const scores = units.map(({ series }) => standardScores(series));
  const stretches = onStretches(blocks, tokens);
  const dots =
    tokens.length > mostTokens
      ? []
      : scores.flatMap((values, u) => Array.from(values, (value, i) => ({ name: names[u], i: i + 0.5, value })));
  const means = scores.flatMap((values, u) => promptMeans(values, tokens).map((m) => ({ name: names[u], ...m })));
  const byPrompt = tokens.every(({ prompt }, row) => row === 0 || prompt !== tokens[row - 1].prompt);
  const strip = 84;
  const words = `${label}: prompts’ means ${rangeWords(
    means,
    (m) => m.mean,
    (m) => m.name,
    decimal,
  )} standard deviations.`;
  return drawPlot(words, {
    width: 480,
    height: 60 + units.length * strip,
    marginLeft: 30,
    marginRight: 6,
    marginTop: 20,
    marginBottom: 40,
    x: { label: byPrompt ? 'prompt →' : 'token →', labelAnchor: 'right', tickSize: 3, domain: [0, tokens.length] },
    y: { label: null, ticks: 3, tickSize: 3, nice: true },
    fy: { domain: names, axis: null, padding: 0.26 },
    marks: [
      Plot.rect(
        names.flatMap((name) => stretches.map((stretch) => ({ name, ...stretch }))),
        { fy: 'name', x1: 'first', x2: 'end', fill: colour, fillOpacity: 0.14, ariaHidden: 'true' },
      ),
      Plot.dot(dots, {
        fy: 'name',
        x: 'i',
        y: 'value',
        stroke: 'currentColor',
        ariaHidden: 'true',
        render: dotsInOnePath,
      }),
      Plot.ruleY(means, {
        fy: 'name',
        x1: 'first',
        x2: 'end',
        y: 'mean',
        stroke: colour,
        strokeWidth: 2.2,
        ariaHidden: 'true',
      }),
      // A prompt's mean is found by hover anywhere above or below it.
      Plot.rect(means, {
        fy: 'name',
        x1: 'first',
        x2: 'end',
        fill: 'transparent',
        title: ({ name, first, end, mean }: PromptMean & { name: string }) =>
          `${name}: prompt ${tokens[first].prompt + 1}, mean ${decimal(mean)}${byPrompt ? '' : ` over ${end - first} tokens`}`,
      }),
      Plot.text(names, {
        fy: (name: string) => name,
        text: (name: string) => name,
        frameAnchor: 'top-left',
        dy: -13,
        fontSize: 11,
      }),
    ],
  });
}
