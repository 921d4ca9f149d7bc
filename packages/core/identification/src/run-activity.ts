import type { Run } from '@galvani/pipeline';
import type { Recording, Results } from '@galvani/results';
import { type RunSums, runSums } from '@galvani/statistics';
import { startProgress } from '@galvani/terminal';

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

/**
 * The activity of all runs, by session.
 *
 * @param label what the progress is called
 */
export async function readSessions(
  { runs, recording }: Pick<Results, 'runs' | 'recording'>,
  label: string,
  signal: AbortSignal,
): Promise<RunActivity[][]> {
  const sessions: RunActivity[][] = [];
  const reading = startProgress(label, runs.length, 'runs');
  for (const run of runs) {
    signal?.throwIfAborted();
    const activity = await readRunActivity(await recording(run));
    const session = sessions.find(([first]) => first.run.session === run.session);
    if (session) session.push(activity);
    else sessions.push([activity]);
    reading.advance();
  }
  reading.finish();
  return sessions;
}
