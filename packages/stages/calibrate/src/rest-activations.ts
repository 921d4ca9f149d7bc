import type { ActivationReader } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import type { Recording, Results } from '@galvani/results';
import { type PromptLayout, promptLayout } from '@galvani/statistics';
import { UserMistake } from '@galvani/terminal';

/** Activations of the off blocks of all runs. */
export interface RestActivations {
  /** [tokens x units], row-major. */
  series: Float32Array;
  layout: PromptLayout;
  units: number;
}

/** Rows of a run that belong to rest prompts. */
interface RestRows {
  recording: Recording;
  /** For each row of the run its row among the rest rows of all runs, or -1. */
  target: Int32Array;
}

/**
 * Reads the off blocks of a study's runs, each prompt once, for `count` units, drawn evenly from the whole model by the seed; all of them
 * where it has no more.
 */
export async function readRestActivations(results: Results, count: number, seed: number): Promise<RestActivations> {
  const rest: RestRows[] = [];
  const runOfRow: number[] = [];
  const promptOfRow: number[] = [];
  const seen = new Set<string>();
  for (const [r, run] of results.runs.entries()) {
    const recording = await results.recording(run);
    if (recording.moments)
      throw new UserMistake(
        'calibrate labels the tokens of rest prompts at random, and this study keeps moments of prompts alone (extraction.keep: prompts). Set extraction.keep: tokens and run it again; without --study simulated noise is measured.',
      );
    const isNew = recording.events.map(({ prompt_id }) => !seen.has(prompt_id));
    for (const { prompt_id } of recording.events) seen.add(prompt_id);
    const target = recording.promptOfRow.map((prompt) => {
      if (recording.isTask[prompt] || !isNew[prompt]) return -1;
      runOfRow.push(r);
      return promptOfRow.push(prompt) - 1;
    });
    rest.push({ recording, target });
  }
  const [{ recording: first }] = rest;
  const widths: number[] = [];
  for (const layer of first.layers) widths.push(await unitsOf(first, layer));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const all = Array.from({ length: total }, (_, unit) => unit);
  const chosen =
    total <= count
      ? all
      : randomStream(seed, 'units to calibrate on')
          .shuffled(all)
          .slice(0, count)
          .sort((a, b) => a - b);
  const series = new Float32Array(runOfRow.length * chosen.length);
  let before = 0;
  for (const [l, layer] of first.layers.entries()) {
    const own = chosen.flatMap((unit, at) =>
      unit >= before && unit < before + widths[l] ? [{ at, unit: unit - before }] : [],
    );
    for (const { recording, target } of rest)
      await gather(await recording.openLayer(layer), target, own, series, chosen.length);
    before += widths[l];
  }
  return { series, layout: promptLayout(runOfRow, promptOfRow), units: chosen.length };
}

async function unitsOf({ openLayer }: Recording, layer: string): Promise<number> {
  const file = await openLayer(layer);
  await file.close();
  return file.columns.reduce((sum, { width }) => sum + width, 0);
}

/** Copies the chosen units of a layer (`unit` counts over its columns) into their columns `at` of the series. */
async function gather(
  file: ActivationReader,
  target: Int32Array,
  chosen: readonly { at: number; unit: number }[],
  series: Float32Array,
  units: number,
): Promise<void> {
  try {
    for await (const { firstRow, rows, values } of file.batches()) {
      let before = 0;
      for (const [c, { width }] of file.columns.entries()) {
        for (const { at, unit } of chosen) {
          const column = unit - before;
          if (column < 0 || column >= width) continue;
          for (let r = 0; r < rows; r++) {
            const to = target[firstRow + r];
            if (to >= 0) series[to * units + at] = values[c][r * width + column];
          }
        }
        before += width;
      }
    }
  } finally {
    await file.close();
  }
}
