import {
  boxcars,
  confoundDesign,
  cosineDrift,
  type DesignMatrix,
  driftPerRun,
  effectiveDesign,
  exponentialKernel,
  joinDesigns,
  modulator,
  type NoiseModel,
  type PromptLayout,
  polynomialDrift,
  runIntercepts,
  segmentsOf,
  tokenResponse,
} from '@galvani/statistics';
import { parseContrast, type Slices } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';

/** What the rows of a series are, for a design to be made of. */
export interface ModelRows {
  layout: PromptLayout;
  /** Task of each row; null is baseline. */
  condition: (string | null)[];
  /** In the order of their columns. */
  tasks: readonly string[];
  /** Name of the intercept of a run of the layout. */
  runName: (run: number) => string;
  /** Numbers of each row that modulators may take. */
  values: Readonly<Record<string, ArrayLike<number>>>;
  /** Columns that a person brings along. */
  confounds?: Readonly<Record<string, ArrayLike<number>>>;
}

/** Options of a design as study.yaml has them. */
export type DesignOptions = Pick<Slices['glm'], 'regressor' | 'drift'> & {
  modulators?: readonly { value: string; of: 'all' | 'tasks'; centre: 'all' | 'run' | 'prompt' | 'none' }[];
};

/** A design, and what contrasts may call its columns. */
export interface ModelDesign {
  design: DesignMatrix;
  /** Tasks first, then every other column but drifts and intercepts. */
  names: string[];
  /** Weights of the columns from weights of the names. */
  overColumns(weights: Float64Array): Float64Array;
}

/**
 * The design of a series: a regressor for each task, modulators, confounds, drift and an intercept for each run. Rest is
 * what the intercepts model, so a task's coefficient is task minus rest.
 *
 * @param regressors columns of the tasks, if other than the options say
 */
export function modelDesign(rows: ModelRows, options: DesignOptions, regressors?: DesignMatrix): ModelDesign {
  const tasks = regressors ?? taskRegressors(rows, options.regressor);
  const parts = [
    tasks,
    ...(options.modulators ?? []).flatMap((each) => modulatorColumns(rows, each)),
    ...(rows.confounds ? [confoundDesign(rows.confounds, rows.condition.length)] : []),
  ];
  const named = joinDesigns(...parts);
  const design = joinDesigns(named, ...driftColumns(rows, options.drift), runIntercepts(rows.layout, rows.runName));
  const concepts = new Map<string, Float64Array>();
  for (const task of rows.tasks) concepts.set(task, taskWeights(task, design, tasks));
  for (const [j, name] of named.names.entries())
    if (!concepts.has(name)) concepts.set(name, unitVector(j, design.columns));
  const vectors = [...concepts.values()];
  return {
    design,
    names: [...concepts.keys()],
    overColumns(weights) {
      const out = new Float64Array(design.columns);
      for (const [k, weight] of weights.entries())
        if (weight !== 0) for (let j = 0; j < out.length; j++) out[j] += weight * vectors[k][j];
      return out;
    },
  };
}

/** Reads a contrast over the names of a design. @throws UserMistake as parseContrast does */
export function contrastOver(model: ModelDesign, expression: string) {
  const contrast = parseContrast(expression, model.names);
  return { ...contrast, weights: contrast.weights.map((weights) => model.overColumns(weights)) };
}

/** @throws UserMistake where a modulator is the same in all that the noise model looks at */
export function requireVarying(
  { design }: ModelDesign,
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
        `The modulator ${value} is the same in every ${noise === 'prompt' ? 'prompt (its mean is what the noise model prompt sees)' : 'row'}, so it explains nothing: leave it out.`,
      );
  }
}

function taskRegressors(rows: ModelRows, regressor: DesignOptions['regressor']): DesignMatrix {
  const { layout, condition, tasks } = rows;
  if (regressor?.kind === 'fir') return tokenResponse(layout, condition, regressor.length, regressor.width, tasks);
  const plain = boxcars(condition, tasks);
  return regressor?.kind === 'exponential'
    ? exponentialKernel(plain, segmentsOf(layout), regressor.timeConstant)
    : plain;
}

/**
 * What a task's name stands for: its column; where it has several (a course over tokens), their mean over the task's rows.
 */
function taskWeights(task: string, design: DesignMatrix, regressors: DesignMatrix): Float64Array {
  const own = regressors.names.indexOf(task);
  if (own >= 0) return unitVector(own, design.columns);
  const weights = new Float64Array(design.columns);
  let total = 0;
  for (const [j, name] of regressors.names.entries()) {
    if (!name.startsWith(`${task}[`)) continue;
    for (let i = 0; i < design.rows; i++) weights[j] += design.X[i * design.columns + j];
    total += weights[j];
  }
  return weights.map((weight) => weight / total);
}

function modulatorColumns(rows: ModelRows, { value, of, centre }: NonNullable<DesignOptions['modulators']>[number]) {
  const values = rows.values[value];
  if (values === undefined)
    throw new UserMistake(
      `There is no modulator ${value}; there are: ${Object.keys(rows.values).join(', ') || 'none'}.`,
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

function driftColumns({ layout, runName }: ModelRows, drift: DesignOptions['drift']): DesignMatrix[] {
  if (drift === undefined) return [];
  const columns = driftPerRun(
    layout,
    (rows) => (drift.kind === 'polynomial' ? polynomialDrift(rows, drift.order) : cosineDrift(rows, 1 / drift.period)),
    runName,
  );
  return columns.columns === 0 ? [] : [columns];
}

function unitVector(at: number, length: number): Float64Array {
  const vector = new Float64Array(length);
  vector[at] = 1;
  return vector;
}
