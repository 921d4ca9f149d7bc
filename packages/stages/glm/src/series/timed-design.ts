import { designOf, eventDesign, type HemodynamicModel, type TimedEvent } from '@galvani/statistics';
import { UserMistake } from '@galvani/terminal';
import type { TaskRegressors } from '../design/glm-design.js';
import type { SeriesConfig } from './series-config.js';
import { eventValue, type SeriesRun } from './series-events.js';

type Regressor = NonNullable<SeriesConfig['regressor']>;
type Modulators = NonNullable<SeriesConfig['modulators']>;

/**
 * Regressors of events in unbroken runs, and of modulators as events' amplitudes: each run's own, one below the other, zero
 * where a run lacks the condition. Delays of a free course are named `task[0]`, `task[1]`, …
 */
export function timedDesign(
  runs: readonly SeriesRun[],
  conditions: readonly string[],
  regressor: Regressor,
  modulators: Modulators,
): TaskRegressors {
  const model = timedModel(regressor);
  const course = typeof model !== 'string';
  const tr = 'tr' in regressor ? regressor.tr : 1;
  const amplitudes = modulators.flatMap((each) => modulatedEvents(runs, conditions, each));
  const groups = [
    ...conditions.map((name, task) => ({ name, task, model, events: runs.map((run) => plainEvents(run, name)) })),
    ...amplitudes.map((each) => ({ ...each, task: -1, model: course ? model : canonical(model) })),
  ];
  const rows = runs.reduce((sum, run) => sum + run.rows, 0);
  const columns: { name: string; task: number; values: Float64Array }[] = [];
  for (const { name, task, model: own, events } of groups) {
    const made: typeof columns = [];
    let first = 0;
    for (const [r, run] of runs.entries()) {
      if (events[r].length > 0) {
        const design = eventDesign(events[r], run.rows, own, tr);
        for (const [k, given] of design.names.entries()) {
          made[k] ??= {
            name: course ? `${name}[${k}]` : given,
            // Of a response and its derivatives the response alone is the task.
            task: course || k === 0 ? task : -1,
            values: new Float64Array(rows),
          };
          for (let i = 0; i < design.rows; i++) made[k].values[first + i] = design.X[i * design.columns + k];
        }
      }
      first += run.rows;
    }
    columns.push(...made);
  }
  return {
    design: designOf(columns.map(({ name, values }) => [name, values] as const)),
    taskOf: columns.map(({ task }) => task),
  };
}

function plainEvents({ events }: SeriesRun, condition: string): TimedEvent[] {
  return events
    .filter(({ trialType }) => trialType === condition)
    .map(({ onset, duration }) => ({ condition, onset, duration }));
}

/** Events with a number as their amplitude, less its mean over the events that it speaks of. */
function modulatedEvents(
  runs: readonly SeriesRun[],
  conditions: readonly string[],
  { value, of, centre }: Modulators[number],
): { name: string; events: TimedEvent[][] }[] {
  if (centre !== 'all' && centre !== 'none')
    throw new UserMistake(`Modulator ${value}: centre is ${centre}; for events in unbroken runs it is all or none.`);
  const one = (name: string, allowed: readonly string[]) => {
    const used = runs.map(({ events }) => events.filter(({ trialType }) => allowed.includes(trialType)));
    const numbers = used.flat().map((event) => eventValue(event, value));
    if (numbers.some((number) => number === undefined))
      throw new UserMistake(`There is no modulator ${value}: add a column of that name to the events.`);
    const mean =
      centre === 'none' ? 0 : (numbers as number[]).reduce((sum, number) => sum + number / numbers.length, 0);
    const events = used.map((own) =>
      own.map((event) => ({
        condition: name,
        onset: event.onset,
        duration: event.duration,
        amplitude: eventValue(event, value)! - mean,
      })),
    );
    return { name, events };
  };
  return of === 'all' ? [one(value, conditions)] : conditions.map((task) => one(`${task}:${value}`, [task]));
}

const canonical = (model: HemodynamicModel) => model.split(' ')[0] as HemodynamicModel;

function timedModel(regressor: Regressor): HemodynamicModel | { delays: number[] } {
  if (regressor.kind === 'glover' || regressor.kind === 'spm') {
    if (regressor.dispersion && !regressor.derivative)
      throw new UserMistake('regressor.dispersion needs regressor.derivative: true as well.');
    return `${regressor.kind}${regressor.derivative ? ' + derivative' : ''}${regressor.dispersion ? ' + dispersion' : ''}` as HemodynamicModel;
  }
  if (regressor.kind !== 'fir' || regressor.width !== 1)
    throw new UserMistake('regressor.width must be 1 where events name no prompts: delays count rows.');
  return { delays: Array.from({ length: regressor.length }, (_, delay) => delay) };
}
