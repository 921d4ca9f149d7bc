import { openActivationFile, readEvents, readTokens } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import type { Run } from '@galvani/pipeline';
import { type PromptLayout, promptLayout } from '@galvani/statistics';
import { activationsPath, eventsPath, openUpstream, type StudyFolder, tokensPath, type Upstream } from '@galvani/study';

/** Activations of the off blocks of all runs. */
export interface RestActivations {
  /** [tokens x units], row-major. */
  series: Float32Array;
  layout: PromptLayout;
  units: number;
  /** Where they were read. */
  upstream: Upstream;
}

/** Rows of a run that belong to rest prompts. */
interface RestRows {
  run: Run;
  /** For each row of the run its row among the rest rows of all runs, or -1. */
  target: Int32Array;
}

/**
 * Reads the off blocks of a study's runs for `count` units, drawn evenly from the whole model by the seed; all of them
 * where it has no more.
 */
export async function readRestActivations(
  folder: StudyFolder,
  runs: readonly Run[],
  count: number,
  seed: number,
  signal?: AbortSignal,
): Promise<RestActivations> {
  const upstream = await openUpstream(folder, 'calibrate', signal);
  const rest: RestRows[] = [];
  const runOfRow: number[] = [];
  const promptOfRow: number[] = [];
  for (const [r, run] of runs.entries()) {
    const events = await readEvents(eventsPath(folder, run.name));
    const tokens = await readTokens(tokensPath(folder, run.name));
    const target = Int32Array.from(tokens, ({ prompt }) => {
      if (events[prompt].condition !== 'rest') return -1;
      runOfRow.push(r);
      return promptOfRow.push(prompt) - 1;
    });
    rest.push({ run, target });
  }
  const layers = upstream.manifests.get(`extract/${runs[0].name}`)!.facts.layers as string[];
  const widths = await Promise.all(layers.map((layer) => unitsOf(activationsPath(folder, runs[0].name, layer))));
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
  for (const [l, layer] of layers.entries()) {
    const own = chosen.flatMap((unit, at) =>
      unit >= before && unit < before + widths[l] ? [{ at, unit: unit - before }] : [],
    );
    for (const { run, target } of rest)
      await gather(activationsPath(folder, run.name, layer), target, own, series, chosen.length);
    before += widths[l];
  }
  return { series, layout: promptLayout(runOfRow, promptOfRow), units: chosen.length, upstream };
}

async function unitsOf(path: string): Promise<number> {
  const file = await openActivationFile(path);
  await file.close();
  return file.columns.reduce((sum, { width }) => sum + width, 0);
}

/** Copies the chosen units of a layer (`unit` counts over its columns) into their columns `at` of the series. */
async function gather(
  path: string,
  target: Int32Array,
  chosen: readonly { at: number; unit: number }[],
  series: Float32Array,
  units: number,
): Promise<void> {
  const file = await openActivationFile(path);
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
