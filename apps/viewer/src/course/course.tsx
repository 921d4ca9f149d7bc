import type { StudyView } from '@galvani/view';
import { useMemo } from 'preact/hooks';
import { summaryOf } from '../map/map-data.js';
import { show, view } from '../view-store.js';
import { count, counted, digits } from '../words.js';
import { ColouredText } from './coloured-text.js';
import { CourseChart } from './course-chart.js';
import { CourseControls } from './course-controls.js';
import { Extremes } from './extremes.js';
import { FittedChart } from './fitted-chart.js';
import { PositionChart } from './position-chart.js';
import { type Subject, subjectName } from './read-course.js';
import type { RunCourse } from './study-course.js';
import { TwinCourse } from './twin-course.js';

interface CourseProps {
  study: StudyView;
  subject: Subject;
  courses: readonly RunCourse[];
  /** Whether a row is a prompt's mean, not a token. */
  byPrompt: boolean;
}

/** A course as charts, as coloured text and as lists. */
export function Course({ study, subject, courses, byPrompt }: CourseProps) {
  const { run: wanted, row, map, course, twin } = view.value;
  const { centre, spread } = useMemo(() => moments(courses), [courses]);
  const { shown, one } = shownRuns(courses, wanted, summaryOf(study, map)?.task);
  const select = (run: string, at: number) => show({ run, row: at });
  const text = one ?? shown[0];
  const chart = {
    label: `Activity of ${subjectName(subject)} over ${counted(shown.length, 'run')}`,
    courses: shown,
    byPrompt,
    selected: row === undefined || !one ? undefined : { run: one.run.name, row },
    onSelect: select,
  };
  const unit = 'unit' in subject ? subject.unit : undefined;
  return (
    <>
      <p class="facts">
        mean {digits(centre)}, standard deviation {digits(spread)} over{' '}
        {count(courses.reduce((n, { values }) => n + values.length, 0))}{' '}
        {byPrompt ? 'prompts (means over their tokens)' : 'tokens'}
      </p>
      <CourseControls study={study} courses={courses} ofUnit={unit !== undefined} />
      {course === 'activity' || !unit ? (
        <CourseChart {...chart} />
      ) : (
        <FittedChart study={study} unit={unit} what={course} chart={chart} />
      )}
      {twin && study.twin && unit && <TwinCourse study={study} unit={unit} shown={shown} />}
      {text && (
        <ColouredText
          course={text}
          byPrompt={byPrompt}
          centre={centre}
          spread={spread}
          selected={one ? row : undefined}
          onSelect={(at) => select(text.run.name, at)}
        />
      )}
      {!byPrompt && <PositionChart courses={shown} off={study.off} />}
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

/** Mean and standard deviation over all rows that statistics count. */
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
