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
/** Seconds that a process is given beside what its units take. */
const start = 30 * minutes;
/** Prompts that extraction computes together: more hardly make a step cheaper. */
const batch = 64;

/** What is worth a process of its own. */
const worthAProcess = 60;
/** What joining takes of a stage's time, at most. */
const joining = 0.5;

/**
 * What a task of a stage is given: what the stage is said to take, with room above it.
 * @param cut into how many shares the stage is cut, 0 for one that is not; whether the task joins them
 * @param needs of the stage (`forecastStudy`); undefined where nothing is known
 */
export function estimateResources(
  { name, per, allCores }: Pick<StageRow, 'name' | 'per' | 'allCores'>,
  { runs, prompts, generates }: StudyRuns,
  { shares, joins }: { shares: number; joins: boolean },
  needs: Omit<StageNeeds, 'stage'> = unknown,
): Resources {
  const seconds = joins ? joining * needs.seconds : needs.seconds / (per === 'run' ? runs : Math.max(1, shares));
  const small = shares > 0 && !joins ? Math.min(shares, Math.floor(worthAProcess / seconds)) : 1;
  return {
    cores: allCores && !joins ? 4 : name === 'design' || name === 'report' ? 1 : 2,
    megabytes: roundUp(1000 + (margin.memory * needs.memory) / 1e6, 500),
    seconds: Math.ceil(start + margin.seconds * seconds),
    together: Math.max(1, per === 'run' && generates ? Math.floor(batch / prompts) : small),
  };
}

/** Seconds that a process is given which does so many units. */
export const secondsOf = ({ seconds }: Pick<Resources, 'seconds'>, units = 1): number =>
  roundUp(start + units * Math.max(0, seconds - start), 10 * minutes);

const roundUp = (value: number, step: number) => step * Math.ceil(value / step);
