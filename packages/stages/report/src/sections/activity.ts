import { blocksOf } from '../figures/design-timeline.js';
import { unitActivity } from '../figures/unit-activity.js';
import { taskColour } from '../page/colour.js';
import { absent, figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { counted, listed, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import type { Courses } from '../results/task-activity.js';
import type { UnitTexts } from '../results/unit-texts.js';
import { unitTexts } from './unit-texts.js';

/** What the strongest units do over a run. */
export function activitySection(
  { events, tasks }: StudyResults,
  { courses, notReplayed }: Courses,
  texts: readonly UnitTexts[] = [],
): Markup {
  const heading = 'Activity of the strongest units';
  if (courses.length === 0)
    return section('activity', heading, absent('There are no activations with maps of single runs to show yet.'));
  const byPrompt = courses.some((course) => course.byPrompt);
  const circular = courses.filter(({ chosenIn, run }) => chosenIn === run).map(({ task }) => taskName(task));
  const missing = tasks.filter((task) => !courses.some((a) => a.task === task)).map(taskName);
  return section(
    'activity',
    heading,
    figure({
      id: 'unit-activity',
      title: `${byPrompt ? 'Prompts' : 'Tokens'} of one run for each task, on block shaded`,
      leastWidth: 420,
      drawing: courses.map((course) =>
        panel(
          taskName(course.task),
          unitActivity(
            `Activity of ${counted(course.units.length, 'unit')} over the ${course.byPrompt ? 'prompts' : 'tokens'} of ${course.run}`,
            course.units,
            course.rows,
            blocksOf(events.get(course.run) ?? []),
            taskColour(tasks, course.task),
          ),
        ),
      ),
      shows: html`${byPrompt ? 'Lines are prompts’ means, which is all that this study keeps,' : 'Dots are tokens, lines the mean of each prompt,'} in standard deviations from the unit’s mean over the run. For each task the strongest unit of each of three sites, chosen by the map of its first session and shown in its last, so that the difference seen is not what the choice was made of.${circular.length > 0 && ` Not so for ${listed(circular)}, presented once: there the choice alone makes on and off differ.`}${missing.length > 0 && ` There is nothing to show for ${listed(missing)}.`}${notReplayed !== undefined && ' The runs could not be played again for tokens’ activations when this page was written.'}`,
      imaging:
        'Time courses of peak voxels. Compare the step between blocks with the spread of the prompts’ means, which is the error that the default model uses.',
      interpretability:
        'Single units that respond to a topic over many different prompts, token by token; a unit that only fires on some words shows as spikes, not as a step.',
    }),
    unitTexts(texts),
  );
}
