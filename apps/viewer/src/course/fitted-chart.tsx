import type { StudyView } from '@galvani/view';
import { useMemo } from 'preact/hooks';
import type { UnitName } from '../address.js';
import { Loaded } from '../loaded.js';
import { view } from '../view-store.js';
import { digits, taskName } from '../words.js';
import { CourseChart, type CourseChartProps } from './course-chart.js';
import { type Fit, residualCourse, runFit } from './fit.js';
import { readEffects } from './read-course.js';

interface FittedChartProps {
  study: StudyView;
  unit: UnitName;
  what: 'fit' | 'residual';
  chart: CourseChartProps;
}

/** A unit's course with what the GLM fits of it, or what the fit leaves. */
export function FittedChart({ study, unit, what, chart }: FittedChartProps) {
  const which = view.value.study;
  const tasks = [...new Set(chart.courses.map(({ run }) => run.task))];
  if (study.transform !== 'none')
    return (
      <>
        <p>The GLM fits transformed activity (glm.transform: {study.transform}), which is not what is drawn here.</p>
        <CourseChart {...chart} />
      </>
    );
  return (
    <Loaded
      of={() => readEffects(study, which, unit, tasks)}
      by={[study, which, unit.site, unit.unit, tasks.join('\n')]}
      what="the fit"
    >
      {(effects) => <WithEffects study={study} what={what} chart={chart} effects={effects} />}
    </Loaded>
  );
}

interface WithEffectsProps extends Omit<FittedChartProps, 'unit'> {
  effects: ReadonlyMap<string, number>;
}

function WithEffects({ study, what, chart, effects }: WithEffectsProps) {
  const { courses } = chart;
  const fits = useMemo(
    () => courses.map((course) => runFit(course, effects.get(course.run.task) ?? Number.NaN)),
    [courses, effects],
  );
  const drawn = useMemo(
    () => (what === 'fit' ? courses : courses.map((course, c) => residualCourse(course, fits[c]))),
    [what, courses, fits],
  );
  if (fits.every(({ expected }) => expected.every(Number.isNaN)))
    return (
      <>
        <p>There is no fit: the tasks of these runs have no map with an effect of this unit.</p>
        <CourseChart {...chart} />
      </>
    );
  const words = [...effects].map(([task, effect]) => `${taskName(task)} ${digits(effect, 3)}`).join(', ');
  return (
    <>
      <CourseChart
        {...chart}
        label={`${what === 'fit' ? 'Fit and' : 'Residual of'} ${chart.label.replace('Activity', 'activity')}`}
        courses={drawn}
        {...(what === 'fit' && { expected: fits.map(({ expected }) => expected) })}
      />
      <p class="facts">
        {what === 'fit' ? 'Dashed: the' : 'Less the'} effect of the task's map ({words}) on each run's level; on average
        it explains {digits(100 * explainedBy(fits), 2)}% of the variance of prompts' means within a run.
        {study.regressor !== 'boxcar' &&
          ` The design's regressor is ${study.regressor}; here the effect is the same in every token of a block.`}
        {study.nuisance.length > 0 && ` The design's ${study.nuisance.join(' and ')} are not in it.`}
      </p>
    </>
  );
}

/** Mean over runs, which have as many prompts each. */
const explainedBy = (fits: readonly Fit[]) => {
  const known = fits.map(({ explained }) => explained).filter((each) => !Number.isNaN(each));
  return known.reduce((sum, each) => sum + each, 0) / known.length;
};
