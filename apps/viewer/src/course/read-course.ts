import type { StudyView } from '@galvani/view';
import type { UnitName } from '../address.js';
import {
  PartProblem,
  readNetworkCourse,
  readReplay,
  readRun,
  readSeries,
  readTwinRun,
  readTwinSeries,
} from '../data/parts.js';
import { remembered } from '../data/remembered.js';
import { mapColumn } from '../map/map-data.js';
import { taskName } from '../words.js';
import { type RunCourse, studyCourse } from './study-course.js';

/** What a course is of: a unit, or the mean of a task's network. */
export type Subject = { unit: UnitName } | { mean: string };

export const subjectName = (subject: Subject): string =>
  'mean' in subject
    ? `mean of the network of ${taskName(subject.mean)}`
    : `${subject.unit.site}, unit ${subject.unit.unit.toLocaleString('en')}`;

const runOf = remembered(readRun, 1000);
const seriesOf = remembered(readSeries, 60);
const replayOf = remembered(readReplay, 60);
const meanOf = remembered(readNetworkCourse, 10);
const twinRunOf = remembered(readTwinRun, 1000);
const twinSeriesOf = remembered(readTwinSeries, 60);

/** The runs that were recorded. */
const recordedRuns = ({ runs }: StudyView) => runs.filter(({ rows }) => rows > 0);

/** @param replayed whether a study that keeps prompts' means plays its runs again for the unit's tokens */
export async function readCourse(
  study: StudyView,
  which: number,
  subject: Subject,
  replayed: boolean,
): Promise<RunCourse[]> {
  const series =
    'mean' in subject
      ? meanOf(which, subject.mean)
      : (replayed ? replayOf : seriesOf)(which, subject.unit.site, subject.unit.unit);
  const [values, ...runs] = await Promise.all([
    series.catch((error) => {
      // Whatever a folder's server says of what is not there.
      if (study.live || !(error instanceof PartProblem)) throw error;
      throw new PartProblem(
        'This folder has the activity of the strongest members of networks alone, and this unit is none: galvani view shows every unit’s.',
      );
    }),
    ...recordedRuns(study).map(({ name }) => runOf(which, name)),
  ]);
  return studyCourse(runs, values, { ...study, keep: replayed ? 'tokens' : study.keep });
}

/** What the untrained twin does in the same runs. */
export async function readTwinCourse(study: StudyView, which: number, { site, unit }: UnitName): Promise<RunCourse[]> {
  const [values, ...runs] = await Promise.all([
    twinSeriesOf(which, site, unit),
    ...recordedRuns(study).map(({ name }) => twinRunOf(which, name)),
  ]);
  return studyCourse(runs, values, study);
}

/** Effects of a unit in the maps of some tasks, by task; none of tasks that have no map. */
export async function readEffects(
  study: StudyView,
  which: number,
  { site, unit }: UnitName,
  tasks: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const start = study.sites.find((each) => each.site === site)?.start ?? 0;
  const maps = study.maps.filter(
    ({ kind, task, columns }) => kind === 'task' && tasks.includes(task ?? '') && columns.includes('effect'),
  );
  const columns = await Promise.all(maps.map(({ name }) => mapColumn(which, name, 'effect')));
  return new Map(maps.map(({ task }, m) => [task!, columns[m][start + unit]]));
}
