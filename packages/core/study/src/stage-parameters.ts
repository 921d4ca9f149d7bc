import { type Run, type StageName, stageTable } from '@galvani/pipeline';
import { type Absent, isAbsent } from './absent.js';
import type { LesionParameters } from './lesion-parameters.js';
import type { Recorded } from './model-source.js';
import type { Study } from './study-schema.js';

/** The sections of study.yaml that have a stage's name. A stage that needs no more is told its section as it is. */
export type OwnSections = Pick<Study, StageName & keyof Study>;

/**
 * What each stage needs to know and nothing else, so that a change in one part of study.yaml leaves the other stages'
 * inputs, and so their cached results, as they were.
 */
export interface StageParameters
  extends Omit<OwnSections, 'design' | 'glm' | 'decode' | 'controls' | 'yardstick' | 'geometry' | 'lesion' | 'steer'> {
  /** prompts: the files of the bank, by their names in artifacts. */
  design: Pick<Study, 'seed' | 'tasks' | 'design'> & {
    prompts: string[];
    /** None where off blocks hold prompts of the other tasks. */
    restTopics: string[];
    /** tasks: the runs of a session share the prompts of their off blocks. */
    repeatRest?: 'tasks';
  };
  extract: Recorded;
  /** Of the subject's twin; or, where there is none, a sentence that says why. */
  twin: Recorded | { absent: string };
  runs: Run[];
  /** `pairs`: whether prompts come in pairs (`design.pairs`). `rest`: none where off blocks hold prompts of the other tasks. */
  glm: { seed: number; pairs?: true; rest?: 'none' } & Study['glm'];
  decode: { seed: number } & Study['decode'];
  controls: { seed: number } & Study['controls'];
  yardstick: { seed: number } & Study['yardstick'];
  geometry: { seed: number; rest?: 'none' } & Study['geometry'];
  lesion: LesionParameters;
  steer: { seed: number } & Study['steer'];
  /** folder: of study.yaml, as a command names it in the workspace, or in the folder above a study that lies in none. */
  report: { study: string; folder: string; title: string; description: string };
}

/** Stages that do not make sense for every study. */
export const optionalStages = ['decode', 'controls', 'yardstick', 'steer'] as const satisfies readonly (StageName &
  keyof StageParameters)[];

type OptionalStage = (typeof optionalStages)[number];

/** What `plan` writes: of a stage that makes no sense for the study, in place of its parameters, why. */
export type PlannedParameters = Omit<StageParameters, OptionalStage> & {
  [Name in OptionalStage]: StageParameters[Name] | Absent;
};

/** Why a plan leaves out a stage, in a sentence or two; undefined where it does not. */
export function whyAbsent(plan: PlannedParameters, stage: StageName): string | undefined {
  const optional = optionalStages.find((name) => name === stage);
  const told = optional && plan[optional];
  return told && isAbsent(told) ? told.absent : undefined;
}

/** The stages that a plan leaves out, in the order in which they would run. */
export function absentStages(plan: PlannedParameters): { stage: StageName; why: string }[] {
  return stageTable.flatMap(({ name }) => {
    const why = whyAbsent(plan, name);
    return why === undefined ? [] : [{ stage: name, why }];
  });
}
