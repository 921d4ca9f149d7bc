import { type UnitExtremes, unitExtremes } from '@galvani/results';
import type { StudyResults } from './study-results.js';
import type { Courses } from './task-activity.js';

/** What a task's strongest unit does over prompts and tokens. */
export interface UnitTexts extends UnitExtremes {
  task: string;
  site: string;
  unit: number;
  /** Whether the prompts that chose the unit are among these: a task that was presented in one session alone. */
  circular: boolean;
}

/** Prompts of each end that are shown. */
const each = 3;

/** Of each task the strongest unit of its course, over all sessions but the one whose map chose it. */
export async function readUnitTexts(
  { recordings, plan }: StudyResults,
  { courses }: Courses,
  signal?: AbortSignal,
): Promise<UnitTexts[]> {
  const found: UnitTexts[] = [];
  for (const { task, chosenIn, units } of courses) {
    signal?.throwIfAborted();
    const [chosen] = units;
    if (!chosen) continue;
    const { session } = plan.runs.find(({ name }) => name === chosenIn)!;
    const recorded = plan.runs.flatMap((run) => recordings.get(run.name) ?? []);
    const others = recorded.filter(({ run }) => run.session !== session);
    const shown = others.length > 0 ? others : recorded;
    const series: number[] = [];
    for (const recording of shown) {
      const [own] = await recording.storedUnits(chosen.site, [chosen.unit]);
      for (const value of own) series.push(value);
    }
    found.push({
      ...{ task, site: chosen.site, unit: chosen.unit, circular: others.length === 0 },
      // Rows that statistics leave out are none of these recordings' rows.
      ...unitExtremes(shown, Float32Array.from(series), {
        byToken: shown.every(({ moments }) => !moments),
        afterEnd: true,
        count: each,
      }),
    });
  }
  return found;
}
