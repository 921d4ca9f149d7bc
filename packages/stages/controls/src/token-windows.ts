import { beyondMiddle } from '@galvani/identification';
import type { Recording } from '@galvani/results';
import type { RowScores } from './answers.js';
import type { FoldNetworks } from './network-answers.js';
import { type PresentedPrompts, rowsWhere } from './presented-prompts.js';

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
 * Layers are read one at a time.
 *
 * @param recordings of all runs in order
 * @returns for each window, for each fold; a prompt without any row of the window scores NaN
 */
export async function windowScores(
  recordings: readonly Recording[],
  prompts: PresentedPrompts,
  folds: readonly FoldNetworks[],
  windows: readonly TokenWindow[],
  onLayer: () => void,
): Promise<RowScores[][]> {
  const tasks = prompts.tasks.length;
  const products = windows.map(() => folds.map(({ fold }) => new Float64Array(fold.heldOut.length * tasks)));
  const present = windows.map(() => new Uint8Array(prompts.run.length));
  let first = 0;
  for (const layer of recordings[0].layers) {
    const rows = await layerRows(recordings, layer);
    for (const [w, window] of windows.entries()) {
      const means = windowMeans(rows, window, present[w]);
      for (const [f, own] of folds.entries())
        addProducts(own, prompts, { means, units: rows.units, first, present: present[w] }, products[w][f]);
    }
    first += rows.units;
    onLayer();
  }
  const lengths = folds.map(({ networks }) =>
    networks.map((network) => network?.profile.reduce((sum, value) => sum + value * value, 0) ?? 0),
  );
  return windows.map((_, w) =>
    folds.map(({ fold }, f) => ({
      rows: fold.heldOut,
      scores: products[w][f].map((product, at) => {
        const length = lengths[f][at % tasks];
        if (present[w][fold.heldOut[Math.floor(at / tasks)]] === 0) return Number.NaN;
        return length === 0 ? Number.NEGATIVE_INFINITY : beyondMiddle(product, length);
      }),
    })),
  );
}

/** A layer's rows of all prompts, run after run. */
interface LayerRows {
  /** [rows x units] */
  values: Float32Array;
  units: number;
  /** For each row its prompt among all, and its place in the prompt. */
  prompt: Int32Array;
  position: Int32Array;
}

async function layerRows(recordings: readonly Recording[], layer: string): Promise<LayerRows> {
  const rows = recordings.reduce((sum, { promptOfRow }) => sum + promptOfRow.length, 0);
  const prompt = new Int32Array(rows);
  const position = new Int32Array(rows);
  let values = new Float32Array(0);
  let units = 0;
  let [start, before] = [0, 0];
  for (const { openLayer, promptOfRow, tokens, events } of recordings) {
    const file = await openLayer(layer);
    try {
      units = file.columns.reduce((sum, { width }) => sum + width, 0);
      if (values.length === 0) values = new Float32Array(rows * units);
      for await (const batch of file.batches()) {
        let at = 0;
        for (const [c, { width }] of file.columns.entries()) {
          for (let r = 0; r < batch.rows; r++)
            values.set(batch.values[c].subarray(r * width, (r + 1) * width), (start + batch.firstRow + r) * units + at);
          at += width;
        }
      }
    } finally {
      await file.close();
    }
    for (const [row, own] of promptOfRow.entries()) {
      prompt[start + row] = before + own;
      position[start + row] = tokens[row].position;
    }
    start += promptOfRow.length;
    before += events.length;
  }
  return { values, units, prompt, position };
}

/** Means over each prompt's rows in the window, [prompts x units]; marks prompts that have any. */
function windowMeans({ values, units, prompt, position }: LayerRows, window: TokenWindow, present: Uint8Array) {
  const means = new Float64Array(present.length * units);
  const counts = new Int32Array(present.length);
  for (const [row, own] of prompt.entries()) {
    if (position[row] < window.from || position[row] >= window.to) continue;
    counts[own]++;
    for (let u = 0, to = own * units, from = row * units; u < units; u++, to++, from++) means[to] += values[from];
  }
  for (const [own, count] of counts.entries()) {
    present[own] = count > 0 ? 1 : 0;
    for (let u = 0, to = own * units; count > 1 && u < units; u++, to++) means[to] /= count;
  }
  return means;
}

/** Adds the layer's part of profile . pattern of each held-out prompt. */
function addProducts(
  { fold, rest, networks }: FoldNetworks,
  prompts: PresentedPrompts,
  layer: { means: Float64Array; units: number; first: number; present: Uint8Array },
  products: Float64Array,
): void {
  const { means, units, first, present } = layer;
  const chosen = new Set(fold.training);
  const resting = rowsWhere(prompts, (row) => chosen.has(row) && prompts.isTask[row] === 0 && present[row] === 1);
  const tasks = networks.length;
  const level = new Float64Array(units).fill(Number.NaN);
  const levelOf = (u: number) => {
    if (Number.isNaN(level[u])) {
      level[u] = 0;
      for (const row of resting) level[u] += means[row * units + u] / resting.length;
    }
    return level[u];
  };
  for (const [task, network] of networks.entries())
    for (const [k, unit] of (network?.members ?? []).entries()) {
      const u = unit - first;
      if (u < 0 || u >= units || !(rest.sd[unit] > 0)) continue;
      const weight = network!.profile[k] / rest.sd[unit];
      for (const [i, row] of fold.heldOut.entries())
        products[i * tasks + task] += weight * (means[row * units + u] - levelOf(u));
    }
}
