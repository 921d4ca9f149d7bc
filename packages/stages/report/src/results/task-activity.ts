import type { Token } from '@galvani/artifact';
import { Failure, UserMistake } from '@galvani/terminal';
import type { UnitActivity } from '../figures/unit-activity.js';
import { type Replaying, replayedSeries } from './replayed-series.js';
import type { StudyResults } from './study-results.js';
import { readUnitSeries } from './unit-series.js';

/** The series of a task's strongest units in one run. */
export interface TaskActivity {
  task: string;
  /** The run whose map chose the units. */
  chosenIn: string;
  /** The run whose activity is shown: another session's, unless the task was presented once only. */
  run: string;
  /** What a row of the series is: a token, or a prompt's first where only prompts' means could be had. */
  rows: Token[];
  /** Whether rows are prompts of several tokens each. */
  byPrompt: boolean;
  /** The strongest first, each of another site. */
  units: (UnitActivity & { layer: string })[];
}

/** The strongest units of tasks over a run, and why some are shown over prompts' means. */
export interface Courses {
  courses: TaskActivity[];
  /** Why tokens' activations, which were not kept, could not be had again either. */
  notReplayed?: string;
}

type ChosenUnit = { layer: string; site: string; unit: number; z: number };

/**
 * Reads the activity of each task's strongest units. They are chosen by the map of the first session and shown in the
 * last, so that what the figure shows is not what the choice was made of. Where a recording keeps prompts' means alone, the runs are played again for
 * these units; where that cannot be done, the means are shown.
 */
export async function readTaskActivity(results: StudyResults, of: Replaying, unitsEach = 3): Promise<Courses> {
  const { plan, recordings } = results;
  const shown = results.tasks.flatMap((task) => shownUnits(results, task, unitsEach));
  const means = shown.filter(({ run }) => {
    const { moments, tokens } = recordings.get(run)!;
    return moments && rowsPerPrompt(tokens) > 1;
  });
  const wanted = new Map(means.map(({ run, chosen }) => [run, chosen]));
  const played =
    wanted.size > 0 ? await orWhy(replayedSeries(of, wanted, plan.glm)) : new Map<string, Float64Array[]>();
  const courses: TaskActivity[] = [];
  for (const { task, chosenIn, run, chosen } of shown) {
    of.signal?.throwIfAborted();
    const recording = recordings.get(run)!;
    const tokens = typeof played === 'string' ? undefined : played.get(run);
    const series = tokens ?? (await storedSeries(results, run, chosen));
    courses.push({
      ...{ task, chosenIn, run },
      rows: recording.moments && !tokens ? onePerPrompt(recording.tokens) : recording.tokens,
      byPrompt: wanted.has(run) && !tokens,
      units: chosen.map((unit, u) => ({ ...unit, series: series[u] })),
    });
  }
  return { courses, ...(typeof played === 'string' && { notReplayed: played }) };
}

/** Which units of a task are shown in which run; none where there are none. */
function shownUnits({ plan, networks, recordings }: StudyResults, task: string, unitsEach: number) {
  const runs = plan.runs.filter((run) => run.task === task && recordings.has(run.name));
  const [chosenIn, run] = [runs[0]?.name, runs.at(-1)?.name];
  const chosen: ChosenUnit[] = (networks.strongest ?? []).filter((unit) => unit.run === chosenIn).slice(0, unitsEach);
  return chosenIn === undefined || run === undefined || chosen.length === 0 ? [] : [{ task, chosenIn, run, chosen }];
}

/** What was found, or why it could not be: a model that is not there, or another processor. */
async function orWhy<T>(found: Promise<T>): Promise<T | string> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Failure || error instanceof UserMistake) return error.message;
    throw error;
  }
}

/** Units at every row that was kept of a run: its tokens, or its prompts. */
async function storedSeries({ recordings }: StudyResults, run: string, chosen: readonly ChosenUnit[]) {
  const recording = recordings.get(run)!;
  const { moments } = recording;
  const open = (layer: string) => (moments ? moments.open(layer, 'means') : recording.openLayer(layer));
  const series: Float64Array[] = [];
  for (const { layer, site, unit } of chosen)
    series.push((await readUnitSeries(await open(layer), [{ site, unit }]))[0]);
  return series;
}

const rowsPerPrompt = (tokens: readonly Token[]) => tokens.length / new Set(tokens.map(({ prompt }) => prompt)).size;

/** A row for each prompt. */
const onePerPrompt = (tokens: readonly Token[]): Token[] =>
  tokens.filter(({ prompt }, row) => row === 0 || tokens[row - 1].prompt !== prompt);
