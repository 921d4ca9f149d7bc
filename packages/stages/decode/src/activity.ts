import type { Run } from '@galvani/pipeline';
import type { Recording } from '@galvani/results';
import { type RunSums, runSums } from '@galvani/statistics';

/** What a run left in the model: the mean activity of every unit over each prompt's tokens. */
export interface RunActivity {
  run: Run;
  /** 1 for task prompts, 0 for rest. */
  isTask: Uint8Array;
  promptIds: string[];
  /** [prompts x units], row-major; units of all layers in order. */
  means: Float32Array;
  sums: RunSums;
}

/** The activity of one run over all of its layers. */
export async function readRunActivity({ run, layers, events, isTask, promptMeans }: Recording): Promise<RunActivity> {
  const perLayer: Float64Array[] = [];
  for (const layer of layers) perLayer.push((await promptMeans(layer)).means);
  const means = sideBySide(perLayer, events.length);
  const promptIds = events.map((event) => event.prompt_id);
  return { run, isTask, promptIds, means, sums: runSums(means, means.length / events.length, isTask) };
}

function sideBySide(layers: readonly Float64Array[], prompts: number): Float32Array {
  const widths = layers.map((layer) => layer.length / prompts);
  const units = widths.reduce((sum, width) => sum + width, 0);
  const out = new Float32Array(prompts * units);
  let first = 0;
  for (const [l, layer] of layers.entries()) {
    for (let p = 0; p < prompts; p++) out.set(layer.subarray(p * widths[l], (p + 1) * widths[l]), p * units + first);
    first += widths[l];
  }
  return out;
}
