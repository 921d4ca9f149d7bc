import { type DesignMatrix, eventDesign, type HemodynamicModel, type TimedEvent } from '@galvani/statistics';
import { UserMistake } from '@galvani/terminal';
import type { SeriesConfig } from './series-config.js';
import type { SeriesRun } from './series-events.js';

type Regressor = NonNullable<SeriesConfig['regressor']>;
type Modulators = NonNullable<SeriesConfig['modulators']>;

/** Columns that one name of the events gives, in order. */
const suffix = /^(_derivative|_dispersion|_delay_\d+)?$/;

/**
 * Regressors of events in unbroken runs, and of modulators as events' amplitudes: each run's own, one below the other, zero
 * where a run lacks the condition. Delays of a free course are named `task[0]`, `task[1]`, …
 */
export function timedDesign(
  runs: readonly SeriesRun[],
  conditions: readonly string[],
  regressor: Regressor,
  modulators: Modulators,
): DesignMatrix {
  const model = timedModel(regressor);
  const tr = 'tr' in regressor ? regressor.tr : 1;
  const amplitudes = modulators.flatMap((each) => modulatedEvents(runs, conditions, each));
  const groups = [
    ...conditions.map((name) => ({ name, model, events: runs.map((run) => plainEvents(run, name)) })),
    ...amplitudes.map((each) => ({ ...each, model: typeof model === 'string' ? canonical(model) : model })),
  ];
  const rows = runs.reduce((sum, run) => sum + run.rows, 0);
  const columns = new Map<string, Float64Array>();
  for (const { name, model: own, events } of groups) {
    let first = 0;
    for (const [r, run] of runs.entries()) {
      if (events[r].length > 0) {
        const design = eventDesign(events[r], run.rows, own, tr);
        for (const [j, given] of design.names.entries()) {
          if (!suffix.test(given.slice(name.length))) continue;
          const column = columns.get(given) ?? new Float64Array(rows);
          columns.set(given, column);
          for (let i = 0; i < design.rows; i++) column[first + i] = design.X[i * design.columns + j];
        }
      }
      first += run.rows;
    }
  }
  const names = [...columns.keys()];
  const X = new Float64Array(rows * names.length);
  for (const [j, column] of [...columns.values()].entries())
    for (let i = 0; i < rows; i++) X[i * names.length + j] = column[i];
  const shown = typeof model === 'string' ? names : names.map((name) => name.replace(/_delay_(\d+)$/, '[$1]'));
  return { names: shown, X, rows, columns: names.length };
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
    const numbers = used.flat().map(({ values }) => values?.[value]);
    if (numbers.some((number) => number === undefined))
      throw new UserMistake(`There is no modulator ${value}: add a column of that name to the events.`);
    const mean =
      centre === 'none' ? 0 : (numbers as number[]).reduce((sum, number) => sum + number / numbers.length, 0);
    const events = used.map((own) =>
      own.map(({ onset, duration, values }) => ({
        condition: name,
        onset,
        duration,
        amplitude: values![value] - mean,
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
