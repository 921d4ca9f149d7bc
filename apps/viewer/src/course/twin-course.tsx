import type { StudyView } from '@galvani/view';
import type { UnitName } from '../address.js';
import { Loaded } from '../loaded.js';
import { view } from '../view-store.js';
import { counted } from '../words.js';
import { CourseChart } from './course-chart.js';
import { readTwinCourse } from './read-course.js';
import type { RunCourse } from './study-course.js';

interface TwinCourseProps {
  study: StudyView;
  unit: UnitName;
  /** The model's runs that are shown, of which the twin's stand below. */
  shown: readonly RunCourse[];
}

/** What the same unit of the model's untrained twin does in the same runs. */
export function TwinCourse({ study, unit, shown }: TwinCourseProps) {
  const which = view.value.study;
  return (
    <Loaded
      of={() => readTwinCourse(study, which, unit)}
      by={[study, which, unit.site, unit.unit]}
      what="the untrained twin’s activity"
    >
      {(courses) => (
        <>
          <h3>The untrained twin: the same unit on the same prompts, with weights as before training</h3>
          <CourseChart
            label={`Activity of the untrained twin over ${counted(shown.length, 'run')}`}
            courses={courses.filter(({ run }) => shown.some((each) => each.run.name === run.name))}
            byPrompt={study.keep === 'prompts'}
          />
        </>
      )}
    </Loaded>
  );
}
