import type { StudyView } from '@galvani/view';
import { useMemo } from 'preact/hooks';
import type { UnitName } from '../address.js';
import { readNetworkCourse, readRun, readSeries } from '../data/parts.js';
import { remembered } from '../data/remembered.js';
import { Loaded } from '../loaded.js';
import { summaryOf } from '../map/map-data.js';
import { show, view } from '../view-store.js';
import { count, counted, digits, taskName } from '../words.js';
import { ColouredText } from './coloured-text.js';
import { CourseChart } from './course-chart.js';
import { Extremes } from './extremes.js';
import { PositionChart } from './position-chart.js';
import { type RunCourse, studyCourse } from './study-course.js';

const runOf = remembered(readRun, 1000);
const seriesOf = remembered((study: number, site: string, unit: number) => readSeries(study, site, unit), 60);

const meanOf = remembered((study: number, task: string) => readNetworkCourse(study, task), 10);

/** What the course is of. */
type Subject = { unit: UnitName } | { mean: string };

/** What the selected unit, or a network's mean, does, token by token. */
export function CoursePane({ study }: { study: StudyView }) {
  const { unit, mean, study: which } = view.value;
  const task = summaryOf(study, view.value.map)?.task;
  const subject: Subject | undefined = mean !== undefined ? { mean } : unit && { unit };
  return (
    <section class="pane course-pane" aria-label="Course">
      {subject ? (
        <Loaded of={() => readCourse(study, which, subject)} by={[which, JSON.stringify(subject)]} what="the activity">
          {(courses) => <Course study={study} subject={subject} courses={courses} />}
        </Loaded>
      ) : (
        <p>Select a unit of the map to see its activity.</p>
      )}
      {mean === undefined && task !== undefined && (
        <button type="button" onClick={() => show({ mean: task })}>
          Mean of the network of {taskName(task)}
        </button>
      )}
    </section>
  );
}

async function readCourse(study: StudyView, which: number, subject: Subject): Promise<RunCourse[]> {
  const recorded = study.runs.filter(({ rows }) => rows > 0);
  const [series, ...runs] = await Promise.all([
    'mean' in subject ? meanOf(which, subject.mean) : seriesOf(which, subject.unit.site, subject.unit.unit),
    ...recorded.map(({ name }) => runOf(which, name)),
  ]);
  return studyCourse(runs, series, study);
}

const nameOf = (subject: Subject): string =>
  'mean' in subject
    ? `mean of the network of ${taskName(subject.mean)}`
    : `${subject.unit.site}, unit ${count(subject.unit.unit)}`;

function Course({ study, subject, courses }: { study: StudyView; subject: Subject; courses: readonly RunCourse[] }) {
  const { run: wanted, row, map } = view.value;
  const byPrompt = study.keep === 'prompts';
  const { centre, spread } = useMemo(() => moments(courses), [courses]);
  const task = summaryOf(study, map)?.task;
  const { shown, one } = shownRuns(courses, wanted, task);
  const tasks = study.tasks.filter((each) => courses.some(({ run }) => run.task === each));
  const select = (run: string, at: number) => show({ run, row: at });
  return (
    <>
      <h2>{nameOf(subject)}</h2>
      <p class="facts">
        mean {digits(centre)}, standard deviation {digits(spread)} over{' '}
        {count(courses.reduce((n, { values }) => n + values.length, 0))}{' '}
        {byPrompt ? 'prompts (means over their tokens)' : 'tokens'}
      </p>
      <label>
        Runs{' '}
        <select
          value={wanted ?? ''}
          onChange={({ currentTarget }) => show({ run: currentTarget.value || undefined, row: undefined })}
        >
          <option value="">{task === undefined ? 'all' : `of ${taskName(task)}`}</option>
          {tasks.map((each) => (
            <option key={each} value={`task:${each}`}>
              of {taskName(each)}
            </option>
          ))}
          {courses.map(({ run }) => (
            <option key={run.name} value={run.name}>
              {run.name}
            </option>
          ))}
        </select>
      </label>
      <CourseChart
        label={`Activity of ${nameOf(subject)} over ${counted(shown.length, 'run')}`}
        courses={shown}
        byPrompt={byPrompt}
        selected={row === undefined || !one ? undefined : { run: one.run.name, row }}
        onSelect={select}
      />
      {(one ?? shown[0]) && (
        <ColouredText
          course={one ?? shown[0]}
          byPrompt={byPrompt}
          centre={centre}
          spread={spread}
          selected={one ? row : undefined}
          onSelect={(at) => select((one ?? shown[0]).run.name, at)}
        />
      )}
      {!byPrompt && <PositionChart courses={shown} />}
      <Extremes courses={courses} byPrompt={byPrompt} onSelect={select} />
    </>
  );
}

/** The runs that the chart shows, and the one run if it is one. */
function shownRuns(courses: readonly RunCourse[], wanted: string | undefined, task: string | undefined) {
  const one = courses.find(({ run }) => run.name === wanted);
  if (one) return { shown: [one], one };
  const of = wanted?.startsWith('task:') ? wanted.slice('task:'.length) : task;
  const own = courses.filter(({ run }) => run.task === of);
  return { shown: own.length > 0 ? own : courses, one: undefined };
}

function moments(courses: readonly RunCourse[]) {
  let [n, sum, squares] = [0, 0, 0];
  for (const { values, counted } of courses)
    for (let row = 0; row < values.length; row++)
      if (counted[row] === 1) {
        n++;
        sum += values[row];
      }
  const centre = sum / n;
  for (const { values, counted } of courses)
    for (let row = 0; row < values.length; row++) if (counted[row] === 1) squares += (values[row] - centre) ** 2;
  return { centre, spread: Math.sqrt(squares / (n - 1)) };
}
