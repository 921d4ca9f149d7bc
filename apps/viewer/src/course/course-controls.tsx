import type { StudyView } from '@galvani/view';
import type { View } from '../address.js';
import { summaryOf } from '../map/map-data.js';
import { show, view } from '../view-store.js';
import { taskName } from '../words.js';
import type { RunCourse } from './study-course.js';

interface CourseControlsProps {
  study: StudyView;
  courses: readonly RunCourse[];
  /** Whether the course is a unit's, and not a network's mean. */
  ofUnit: boolean;
}

/** Which runs are shown, with or without what the GLM fits, and whether the twin stands below. */
export function CourseControls({ study, courses, ofUnit }: CourseControlsProps) {
  const { run, map, course, twin } = view.value;
  const task = summaryOf(study, map)?.task;
  const tasks = study.tasks.filter((each) => courses.some(({ run }) => run.task === each));
  return (
    <div class="controls">
      <label>
        Runs{' '}
        <select
          value={run ?? ''}
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
      {ofUnit && (
        <label>
          Show{' '}
          <select
            value={course}
            onChange={({ currentTarget }) => show({ course: currentTarget.value as View['course'] })}
          >
            <option value="activity">activity</option>
            <option value="fit">activity and fit</option>
            <option value="residual">residual</option>
          </select>
        </label>
      )}
      {ofUnit && study.twin && (
        <label>
          <input
            type="checkbox"
            checked={twin}
            onChange={({ currentTarget }) => show({ twin: currentTarget.checked })}
          />{' '}
          untrained twin below
        </label>
      )}
    </div>
  );
}
