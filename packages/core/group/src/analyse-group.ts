import type { Covariate } from './covariate.js';
import { covariateTest } from './covariate-test.js';
import { geometryLikeness } from './geometry-likeness.js';
import { type GroupStudy, sharedTasks } from './group-study.js';
import type { GroupTables } from './group-tables.js';
import { collect } from './observations.js';
import { oneSample } from './one-sample.js';

/** What studies have in common and how they differ. */
export interface GroupAnalysis extends GroupTables {
  /** Tasks that all studies have. */
  tasks: string[];
  /** Sentences: what was taken of studies, left out, and what so few can tell. */
  notes: string[];
}

/** Second-level statistics over studies, each of them one observation. @param studies two or more */
export async function analyseGroup(
  studies: readonly GroupStudy[],
  covariates: readonly Covariate[],
  seed: number,
): Promise<GroupAnalysis> {
  const tasks = sharedTasks(studies);
  const { observations, families, leftOut } = collect(studies, tasks);
  const effects = [];
  const tested = [];
  for (const family of families) {
    effects.push(...(await oneSample(family, seed)));
    for (const covariate of covariates) tested.push(...(await covariateTest(family, covariate, seed)));
  }
  return {
    ...{ tasks, observations, effects, covariates: tested, geometry: geometryLikeness(studies, tasks, seed) },
    notes: [...notesOn(studies, tasks), ...leftOut, ...covariateNotes(studies.length, covariates)],
  };
}

function notesOn(studies: readonly GroupStudy[], tasks: readonly string[]): string[] {
  const all = new Set(studies.flatMap((study) => study.tasks));
  const others = [...all].filter((task) => !tasks.includes(task));
  const copies = studies.filter(({ model }, i) => studies.findIndex((other) => other.model === model) !== i);
  const n = studies.length;
  return [
    ...(others.length > 0
      ? [
          `${tasks.length === 0 ? 'No task is in all studies' : `Of tasks ${tasks.join(', ')} ${tasks.length === 1 ? 'is' : 'are'} compared, which all studies have`}; ${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} left out. Identification is among each study's own tasks.`,
        ]
      : []),
    ...copies.map(
      ({ label, model }) =>
        `${label} has the same model as ${studies.find((other) => other.model === model)!.label}: they are one subject twice, and p takes them for two.`,
    ),
    ...(2 / 2 ** n > 0.05
      ? [
          `${n} studies have ${2 ** n} sign flips, so that no p over studies is below ${2 / 2 ** n}: from 6 on it can be below .05.`,
        ]
      : []),
  ];
}

const covariateNotes = (studies: number, covariates: readonly Covariate[]): string[] =>
  covariates.length > 0 && studies < 3
    ? ['A covariate takes three studies or more, so that nothing is compared by it.']
    : [];
