import type { Recording } from '@galvani/results';
import type { UnitActivity } from '../figures/unit-activity.js';
import type { StudyResults } from './study-results.js';
import { readUnitSeries } from './unit-series.js';

/** The series of a task's strongest units in one run. */
export interface TaskActivity {
  task: string;
  /** The run whose map chose the units. */
  chosenIn: string;
  /** The run whose activity is shown: another session's, unless the task was presented once only. */
  run: string;
  units: UnitActivity[];
}

/**
 * Reads the activity of each task's strongest units. They are chosen by the map of the first session and shown in the
 * last, so that what the figure shows is not what the choice was made of.
 */
export async function readTaskActivity(results: StudyResults, unitsEach = 3): Promise<TaskActivity[]> {
  const { tasks, plan, networks, recordings } = results;
  const activity: TaskActivity[] = [];
  for (const task of tasks) {
    const runs = plan.runs.filter((run) => run.task === task && recordings.has(run.name));
    const chosenIn = runs[0];
    const run = runs[runs.length - 1];
    if (!chosenIn || !run) continue;
    const strongest = (networks.strongest ?? []).filter((unit) => unit.run === chosenIn.name);
    const units: UnitActivity[] = [];
    for (const { layer, site, unit, z } of strongest.slice(0, unitsEach)) {
      const series = await unitSeries(recordings.get(run.name)!, layer, { site, unit });
      units.push({ site, unit, z, series });
    }
    if (units.length > 0) activity.push({ task, chosenIn: chosenIn.name, run: run.name, units });
  }
  return activity;
}

/** A unit at every token, or over each prompt where nothing else is kept. */
async function unitSeries(recording: Recording, layer: string, of: { site: string; unit: number }) {
  if (!recording.moments) return (await readUnitSeries(await recording.openLayer(layer), [of]))[0];
  return (await readUnitSeries(await recording.moments.open(layer, 'means'), [of]))[0];
}
