import { beyondMiddle } from '@galvani/identification';
import type { Recording } from '@galvani/results';
import type { RowScores } from './answers.js';
import type { FoldNetworks } from './network-answers.js';
import type { PresentedPrompts } from './presented-prompts.js';
import { noNetwork } from './task-networks.js';

/** Some of each prompt's recorded rows. */
export interface TokenWindow {
  from: number;
  to: number;
  kind: 'first' | 'sliding' | 'generated';
}

/**
 * Windows of prompts that have `rows` rows: the first 1, 2, 4, ...; a window of an eighth that slides by its width; and, where the model
 * generated, all rows whose input is a generated token.
 */
export function tokenWindows(rows: number, generated: boolean): TokenWindow[] {
  const first = Array.from({ length: Math.ceil(Math.log2(rows)) + 1 }, (_, i) => Math.min(rows, 2 ** i));
  const width = Math.max(1, Math.round(rows / 8));
  const slides = Math.floor(rows / width);
  return [
    ...[...new Set(first)].map((to): TokenWindow => ({ from: 0, to, kind: 'first' })),
    ...Array.from(
      { length: slides },
      (_, i): TokenWindow => ({ from: i * width, to: i * width + width, kind: 'sliding' }),
    ),
    ...(generated && rows > 1 ? [{ from: 1, to: rows, kind: 'generated' } as const] : []),
  ];
}

/**
 * Scores of held-out prompts by the folds' networks from some of their rows, against what training rest showed in the same rows.
 *
 * A score is linear in rows: each is multiplied with the networks' profiles as it is read, and windows are means of these products.
 *
 * @param recordings of all runs in order
 * @returns for each window, for each fold; a prompt without any row of the window scores NaN, a network without members -Infinity
 */
export async function windowScores(
  recordings: readonly Recording[],
  prompts: PresentedPrompts,
  folds: readonly FoldNetworks[],
  windows: readonly TokenWindow[],
  onLayer: () => void,
): Promise<RowScores[][]> {
  const tasks = prompts.tasks.length;
  const rows = recordedRows(recordings);
  const products = folds.map(() => new Float64Array(rows.prompt.length * tasks));
  let first = 0;
  for (const layer of recordings[0].layers) {
    first = await addLayer(recordings, layer, first, { prompts, folds, products });
    onLayer();
  }
  const networksOf = folds.map(({ networks }) =>
    networks.map((network) => {
      const { members, profile } = network ?? noNetwork;
      return { members: members.length, square: profile.reduce((sum, value) => sum + value * value, 0) };
    }),
  );
  return windows.map((window) => {
    const rowsOf = prompts.events.map((): number[] => []);
    for (const [row, prompt] of rows.prompt.entries())
      if (rows.position[row] >= window.from && rows.position[row] < window.to) rowsOf[prompt].push(row);
    return folds.map(({ fold }, f) => {
      const meanOf = (prompt: number, task: number) =>
        rowsOf[prompt].reduce((sum, row) => sum + products[f][row * tasks + task], 0) / rowsOf[prompt].length;
      const resting = fold.training.filter((row) => prompts.isTask[row] === 0 && rowsOf[row].length > 0);
      const scores = networksOf[f].map(({ members, square }, task) => {
        const level = resting.reduce((sum, row) => sum + meanOf(row, task), 0) / Math.max(1, resting.length);
        return Array.from(fold.heldOut, (row) => {
          if (rowsOf[row].length === 0) return Number.NaN;
          return beyondMiddle(meanOf(row, task) - level, square, members);
        });
      });
      return {
        rows: fold.heldOut,
        scores: Float64Array.from({ length: fold.heldOut.length * tasks }, (_, at) => {
          return scores[at % tasks][Math.floor(at / tasks)];
        }),
      };
    });
  });
}

/** For each recorded row, run after run, its prompt among all and its place in the prompt. */
function recordedRows(recordings: readonly Recording[]): { prompt: Int32Array; position: Int32Array } {
  let before = 0;
  const prompt = recordings.flatMap(({ promptOfRow, events }) => {
    const own = Array.from(promptOfRow, (each) => before + each);
    before += events.length;
    return own;
  });
  const position = recordings.flatMap(({ tokens }) => tokens.map((token) => token.position));
  return { prompt: Int32Array.from(prompt), position: Int32Array.from(position) };
}

/**
 * Adds a layer's part of profile . (row in standard deviations of rest) to products, for each fold [rows x tasks]: of the rows of prompts
 * that the fold holds out, and of those of training rest.
 *
 * @param first unit of the layer
 * @returns that of the next one
 */
async function addLayer(
  recordings: readonly Recording[],
  layer: string,
  first: number,
  to: { prompts: PresentedPrompts; folds: readonly FoldNetworks[]; products: readonly Float64Array[] },
): Promise<number> {
  const { prompts, folds, products } = to;
  const tasks = prompts.tasks.length;
  const asked = folds.map(({ fold }) => {
    const marks = new Uint8Array(prompts.run.length);
    for (const row of fold.heldOut) marks[row] = 1;
    for (const row of fold.training) if (prompts.isTask[row] === 0) marks[row] = 1;
    return marks;
  });
  let sites: SiteWeights[][] | undefined;
  let next = first;
  let [start, before] = [0, 0];
  for (const { openLayer, promptOfRow, events } of recordings) {
    const file = await openLayer(layer);
    try {
      sites ??= siteWeights(file.columns, first, folds);
      next = first + file.columns.reduce((sum, { width }) => sum + width, 0);
      for await (const batch of file.batches())
        for (let r = 0; r < batch.rows; r++) {
          const row = batch.firstRow + r;
          for (const [f, own] of sites.entries()) {
            if (asked[f][before + promptOfRow[row]] === 0) continue;
            const out = products[f].subarray((start + row) * tasks, (start + row + 1) * tasks);
            for (const { column, task, units, weights, means } of own) {
              const values = batch.values[column];
              const at = r * file.columns[column].width;
              let sum = 0;
              for (let k = 0; k < units.length; k++) sum += weights[k] * (values[at + units[k]] - means[k]);
              out[task] += sum;
            }
          }
        }
    } finally {
      await file.close();
    }
    start += promptOfRow.length;
    before += events.length;
  }
  return next;
}

/** What the members of a task's network in one site weigh. */
interface SiteWeights {
  column: number;
  task: number;
  /** Places in the site. */
  units: Int32Array;
  /** Profile over the standard deviation of rest. */
  weights: Float64Array;
  /** Mean of rest: it comes off again with the window's, and spares rounding. */
  means: Float64Array;
}

/** Of each fold, by the sites of a layer whose first unit is given. */
function siteWeights(
  columns: readonly { width: number }[],
  first: number,
  folds: readonly FoldNetworks[],
): SiteWeights[][] {
  return folds.map(({ rest, networks }) => {
    let from = first;
    return columns.flatMap(({ width }, column) => {
      const start = from;
      from += width;
      return networks.flatMap((network, task): SiteWeights[] => {
        const members = Array.from(network?.members ?? [], (unit, k) => ({ unit, weight: network!.profile[k] }));
        const own = members.filter(({ unit }) => unit >= start && unit < start + width && rest.sd(unit) > 0);
        if (own.length === 0) return [];
        return [
          {
            ...{ column, task },
            units: Int32Array.from(own, ({ unit }) => unit - start),
            weights: Float64Array.from(own, ({ unit, weight }) => weight / rest.sd(unit)),
            means: Float64Array.from(own, ({ unit }) => rest.mean(unit)),
          },
        ];
      });
    });
  });
}
