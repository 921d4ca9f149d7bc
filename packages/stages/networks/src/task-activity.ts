import type { Recording, Results } from '@galvani/results';
import { type RunMeans, type TaskPatterns, taskPatterns } from '@galvani/statistics';
import { advised, Failure, startProgress } from '@galvani/terminal';

/** Prompts' means of every task over its runs, in the order of the tasks. */
export async function readTaskActivity(
  { runs, recording }: Results,
  tasks: readonly string[],
  signal?: AbortSignal,
): Promise<TaskPatterns[]> {
  const reading = startProgress('networks: reading activity', runs.length, 'runs');
  const patterns: TaskPatterns[] = [];
  for (const task of tasks) {
    const means: RunMeans[] = [];
    for (const run of runs.filter((each) => each.task === task)) {
      signal?.throwIfAborted();
      means.push(await runMeans(await recording(run)));
      reading.advance();
    }
    patterns.push(taskPatterns(means, means[0].means.length / means[0].isTask.length));
  }
  reading.finish();
  const [{ task, prompts }] = patterns;
  const other = patterns.findIndex((own) => own.task !== task || own.prompts !== prompts);
  if (other > 0)
    throw new Failure(
      `Runs of ${tasks[0]} have ${task} of ${prompts} prompts on, those of ${tasks[other]} ${patterns[other].task} of ${patterns[other].prompts}; their overlap is tested over runs of one design: run ${advised('design', 'design')} again.`,
    );
  return patterns;
}

/** Layers side by side. */
async function runMeans({ layers, events, isTask, promptMeans }: Recording): Promise<RunMeans> {
  const perLayer: Float64Array[] = [];
  for (const layer of layers) perLayer.push((await promptMeans(layer)).means);
  const prompts = events.length;
  const units = perLayer.reduce((sum, own) => sum + own.length, 0) / prompts;
  const means = new Float64Array(prompts * units);
  let first = 0;
  for (const own of perLayer) {
    const width = own.length / prompts;
    for (let p = 0; p < prompts; p++) means.set(own.subarray(p * width, (p + 1) * width), p * units + first);
    first += width;
  }
  return { means, isTask };
}
