import {
  boxcars,
  type Contrast,
  confoundDesign,
  cosineDrift,
  type DesignMatrix,
  driftPerRun,
  effectiveDesign,
  exponentialKernel,
  fitsPrompts,
  joinDesigns,
  modulator,
  type NamedColumns,
  type NoiseModel,
  type PromptLayout,
  polynomialDrift,
  runIntercepts,
  segmentsOf,
  tokenResponse,
} from '@galvani/statistics';
import { parseContrast, requireRegressorRange, type StageParameters } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';

/** What the rows of a series are, for a design to be made of. */
export interface DesignRows {
  layout: PromptLayout;
  /** Task of each row; null is baseline. */
  condition: (string | null)[];
  /** In the order of their columns. */
  tasks: readonly string[];
  /** Name of the intercept of a run of the layout. */
  runName: (run: number) => string;
  /** Numbers of each row that modulators may take. */
  values: ReadonlyMap<string, ArrayLike<number>>;
  /** User-supplied regressors, a value for each row. */
  confounds?: NamedColumns;
  /** Where a person finds each kind of name, for messages: `trial_type in events.csv`. */
  sources?: Partial<Record<'task' | 'modulator' | 'confound', string>>;
}

/** Options of a design as study.yaml has them. */
export type DesignOptions = Pick<StageParameters['glm'], 'regressor' | 'drift'> & {
  modulators?: readonly { value: string; of: 'all' | 'tasks'; centre: 'all' | 'run' | 'prompt' | 'none' }[];
};

/** Regressors of tasks, perhaps among others. */
export interface TaskRegressors {
  design: DesignMatrix;
  /** For each column the place of the task that it alone, or with others as a course, stands for; -1 for none. */
  taskOf: number[];
}

/** A design, and what contrasts may call its columns. */
export interface GlmDesign {
  design: DesignMatrix;
  /** Tasks first, then every other column but drifts and intercepts. */
  names: string[];
  /** Weights of the columns from weights of the names. */
  overColumns(weights: Float64Array): Float64Array;
  /** Condition of each prompt, numbered: prompts of one condition have one variance. */
  conditionOfPrompt: Int32Array;
}

/**
 * The design of a series: a regressor for each task, modulators, confounds, drift and an intercept for each run. Rest is
 * what the intercepts model, so a task's coefficient is task minus rest.
 *
 * @param regressors columns of the tasks, if other than the options say
 */
export function glmDesign(rows: DesignRows, options: DesignOptions, regressors?: TaskRegressors): GlmDesign {
  const tasks = regressors ?? taskRegressors(rows, options.regressor);
  const modulators = (options.modulators ?? []).flatMap((each) => modulatorColumns(rows, each));
  const confounds = rows.confounds ? [confoundDesign(rows.confounds, rows.condition.length)] : [];
  const nuisance = [...driftColumns(rows, options.drift), runIntercepts(rows.layout, rows.runName)];
  requireOwnNames(rows, tasks, modulators, confounds, nuisance);
  const { sources = {} } = rows;
  requireRanges([
    [tasks.design, `a regressor of the conditions${sources.task ? ` (${sources.task})` : ''}`],
    ...modulators.map((part) => [part, sources.modulator ?? 'a modulator'] as const),
    ...confounds.map((part) => [part, sources.confound ?? 'a confound'] as const),
  ]);
  const named = joinDesigns(tasks.design, ...modulators, ...confounds);
  const design = joinDesigns(named, ...nuisance);
  const concepts = new Map<string, Float64Array>();
  for (const [t, task] of rows.tasks.entries()) concepts.set(task, taskWeights(t, design, tasks));
  for (const [j, name] of named.names.entries())
    if (!concepts.has(name)) concepts.set(name, unitVector(j, design.columns));
  const vectors = [...concepts.values()];
  return {
    design,
    names: [...concepts.keys()],
    conditionOfPrompt: conditionsOfPrompts(rows),
    overColumns(weights) {
      const out = new Float64Array(design.columns);
      for (const [k, weight] of weights.entries())
        if (weight !== 0) for (let j = 0; j < out.length; j++) out[j] += weight * vectors[k][j];
      return out;
    },
  };
}

/** Numbers what prompts consist of: a task, rest, or several of them. */
function conditionsOfPrompts({ layout, condition }: DesignRows): Int32Array {
  const { count, start, length } = segmentsOf(layout);
  const kinds = new Map<string, number>();
  return Int32Array.from({ length: count }, (_, s) => {
    const within = [...new Set(condition.slice(start[s], start[s] + length[s]))].sort();
    const key = JSON.stringify(within);
    if (!kinds.has(key)) kinds.set(key, kinds.size);
    return kinds.get(key)!;
  });
}

/** The contrast that is one name alone. */
export function contrastOfName(design: GlmDesign, name: string): Contrast {
  const weights = unitVector(design.names.indexOf(name), design.names.length);
  return { kind: 't', weights: [design.overColumns(weights)], name };
}

/** Reads a contrast over the names of a design. @throws UserMistake as parseContrast does */
export function contrastOver(design: GlmDesign, expression: string): Contrast {
  const contrast = parseContrast(expression, design.names);
  return { ...contrast, weights: contrast.weights.map((weights) => design.overColumns(weights)) };
}

/** @throws UserMistake where a modulator is the same in all that the noise model looks at */
export function requireVarying(
  { design }: GlmDesign,
  modulators: DesignOptions['modulators'],
  noise: NoiseModel,
  layout: PromptLayout,
): void {
  const { names, columns, rows, X } = effectiveDesign(noise, design, layout);
  for (const { value, of } of modulators ?? []) {
    const j = names.indexOf(value);
    if (of !== 'all' || j < 0) continue;
    const first = X[j];
    let varies = false;
    for (let i = 1; i < rows && !varies; i++) varies = Math.abs(X[i * columns + j] - first) > 1e-12 * Math.abs(first);
    if (!varies)
      throw new UserMistake(
        `The modulator ${value} is the same in every ${fitsPrompts(noise) ? `prompt (its mean is what the noise model ${noise} sees)` : 'row'}, so it explains nothing: leave it out.`,
      );
  }
}

function taskRegressors(rows: DesignRows, regressor: DesignOptions['regressor']): TaskRegressors {
  const { layout, condition, tasks } = rows;
  if (regressor?.kind === 'fir') {
    const { length, width } = regressor;
    const taskOf = tasks.flatMap((_, t) => Array.from({ length }, () => t));
    return { design: tokenResponse(layout, condition, length, width, tasks), taskOf };
  }
  const plain = boxcars(condition, tasks);
  const design =
    regressor?.kind === 'exponential' ? exponentialKernel(plain, segmentsOf(layout), regressor.timeConstant) : plain;
  return { design, taskOf: [...tasks.keys()] };
}

/**
 * What a task's name stands for: its column; where it has several (a course over tokens), their mean over the task's rows.
 */
function taskWeights(task: number, design: DesignMatrix, { taskOf }: TaskRegressors): Float64Array {
  const own = [...taskOf.keys()].filter((j) => taskOf[j] === task);
  if (own.length === 1) return unitVector(own[0], design.columns);
  const weights = new Float64Array(design.columns);
  let total = 0;
  for (const j of own) {
    for (let i = 0; i < design.rows; i++) weights[j] += design.X[i * design.columns + j];
    total += weights[j];
  }
  return weights.map((weight) => weight / total);
}

function modulatorColumns(rows: DesignRows, { value, of, centre }: NonNullable<DesignOptions['modulators']>[number]) {
  const values = rows.values.get(value);
  if (values === undefined)
    throw new UserMistake(
      `There is no modulator ${value}; there are: ${[...rows.values.keys()].join(', ') || 'none'}.`,
    );
  const column = (name: string, within: (row: number) => boolean) => {
    const wrong = Array.from(values).findIndex((each, row) => within(row) && !Number.isFinite(each));
    if (wrong >= 0)
      throw new UserMistake(`The modulator ${value} is ${values[wrong]} in row ${wrong + 1}; it must be finite.`);
    return modulator(name, values, rows.layout, centre, within);
  };
  if (of === 'all') return [column(value, (row) => Number.isFinite(values[row]) || rows.condition[row] !== null)];
  return rows.tasks.map((task) => column(`${task}:${value}`, (row) => rows.condition[row] === task));
}

function driftColumns({ layout, runName }: DesignRows, drift: DesignOptions['drift']): DesignMatrix[] {
  if (drift === undefined) return [];
  const columns = driftPerRun(
    layout,
    (rows) => (drift.kind === 'polynomial' ? polynomialDrift(rows, drift.order) : cosineDrift(rows, 1 / drift.period)),
    runName,
  );
  return columns.columns === 0 ? [] : [columns];
}

/** @throws UserMistake for a regressor whose values are too large or too small to be fitted */
function requireRanges(parts: readonly (readonly [DesignMatrix, kind: string])[]): void {
  for (const [{ names, X, columns }, kind] of parts)
    for (const [j, name] of names.entries())
      requireRegressorRange(
        X.filter((_, at) => at % columns === j),
        `'${name}', ${kind},`,
      );
}

/** @throws UserMistake where a name that a person gave is that of another column, or is rest */
function requireOwnNames(
  { tasks, sources = {} }: DesignRows,
  regressors: TaskRegressors,
  modulators: readonly DesignMatrix[],
  confounds: readonly DesignMatrix[],
  nuisance: readonly DesignMatrix[],
): void {
  const owners = new Map<string, string>();
  const claimNames = (names: Iterable<string>, what: string) => {
    for (const name of names) {
      const other = owners.get(name);
      if (other !== undefined)
        throw new UserMistake(`The design has '${name}' as ${other} and as ${what}. Rename one of them.`);
      owners.set(name, what);
    }
  };
  const task = `a condition (${sources.task ?? 'of the events'})`;
  claimNames(tasks, task);
  const { names } = regressors.design;
  // A column that is a task by itself bears the task's name.
  claimNames(
    names.filter((name, j) => !(regressors.taskOf[j] >= 0 && name === tasks[regressors.taskOf[j]])),
    `a regressor of a condition (${sources.task ?? 'of the events'})`,
  );
  if (!owners.has('rest')) owners.set('rest', 'what contrasts call the baseline');
  claimNames(
    modulators.flatMap((part) => part.names),
    `a modulator (${sources.modulator ?? 'of the config'})`,
  );
  claimNames(
    confounds.flatMap((part) => part.names),
    `a confound (${sources.confound ?? 'of the confounds'})`,
  );
  claimNames(
    nuisance.flatMap((part) => part.names),
    'a drift or the intercept of a run',
  );
}

function unitVector(at: number, length: number): Float64Array {
  const vector = new Float64Array(length);
  vector[at] = 1;
  return vector;
}
