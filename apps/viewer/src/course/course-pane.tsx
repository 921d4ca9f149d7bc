import type { StudyView } from '@galvani/view';
import { useState } from 'preact/hooks';
import { Loaded } from '../loaded.js';
import { summaryOf } from '../map/map-data.js';
import { show, view } from '../view-store.js';
import { taskName } from '../words.js';
import { Course } from './course.js';
import { readCourse, type Subject, subjectName } from './read-course.js';

/** What the selected unit, or a network's mean, does, token by token. */
export function CoursePane({ study }: { study: StudyView }) {
  const { unit, mean, study: which, map } = view.value;
  const task = summaryOf(study, map)?.task;
  const subject: Subject | undefined = mean !== undefined ? { mean } : unit && { unit };
  const key = JSON.stringify(subject);
  // Not in the address: a link should start no work that takes the model.
  const [replayed, setReplayed] = useState<string | undefined>();
  const isReplayed = replayed === key;
  return (
    <section class="pane course-pane" aria-label="Course">
      {subject ? <h2>{subjectName(subject)}</h2> : <p>Select a unit of the map to see its activity.</p>}
      <div class="buttons">
        {mean === undefined && task !== undefined && study.runs.some(({ rows }) => rows > 0) && (
          <button type="button" onClick={() => show({ mean: task })}>
            Mean of the network of {taskName(task)}
          </button>
        )}
        {study.keep === 'prompts' && study.live && subject && 'unit' in subject && !isReplayed && (
          <button type="button" onClick={() => setReplayed(key)}>
            Play the runs again for its tokens
          </button>
        )}
      </div>
      {subject && (
        <Loaded
          of={() => readCourse(study, which, subject, isReplayed)}
          by={[study, which, key, isReplayed]}
          what={isReplayed ? 'the runs, which the model plays again' : 'the activity'}
          stale={isReplayed}
        >
          {(courses) => (
            <Course
              study={study}
              subject={subject}
              courses={courses}
              byPrompt={
                study.keep === 'prompts' && courses.every(({ values, run }) => values.length === run.prompts.length)
              }
            />
          )}
        </Loaded>
      )}
    </section>
  );
}
