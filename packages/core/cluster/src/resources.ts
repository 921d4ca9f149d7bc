import type { StageRow } from '@galvani/pipeline';
import type { Resources } from './task.js';

/** What a stage takes of one machine. */
export interface StageNeeds {
  stage: string;
  /** Most bytes of memory at once. */
  memory: number;
  /** Of the whole stage. */
  seconds: number;
}

/** What is known of a study's runs. */
export interface StudyRuns {
  runs: number;
  /** Prompts of a run. */
  prompts: number;
  /** Whether texts are generated, of several runs at once. */
  generates: boolean;
}

/** Of a model that is not here, or does not say its size: OPT-1.3B and its recordings fit. */
const unknown = { memory: 10e9, seconds: 3600 };
/** A forecast is by rules, and a scheduler ends what takes more. */
const margin = { memory: 1.5, seconds: 4 };
const minutes = 60;
/** Prompts that extraction computes together: more hardly make a step cheaper. */
const batch = 64;

/**
 * What a task of a stage is given: what the stage is said to take, with room above it.
 * @param needs of the stage (`forecastStudy`); undefined where nothing is known
 */
export function estimateResources(
  { name, per, allCores }: Pick<StageRow, 'name' | 'per' | 'allCores'>,
  { runs, prompts, generates }: StudyRuns,
  needs: Omit<StageNeeds, 'stage'> = unknown,
): Resources {
  const seconds = needs.seconds / (per === 'run' ? runs : 1);
  return {
    cores: allCores ? 4 : name === 'design' || name === 'report' ? 1 : 2,
    megabytes: roundUp(1000 + (margin.memory * needs.memory) / 1e6, 500),
    seconds: roundUp(30 * minutes + margin.seconds * seconds, 10 * minutes),
    together: per === 'run' && generates ? Math.max(1, Math.floor(batch / prompts)) : 1,
  };
}

const roundUp = (value: number, step: number) => step * Math.ceil(value / step);
