import type { StageRow } from '@galvani/pipeline';
import type { Resources } from './task.js';

/** What is known of a study's size before anything runs. */
export interface StudySize {
  /** Bytes of the model's files; undefined where they are not on this machine. */
  modelBytes?: number;
  /** Prompts of a run. */
  prompts: number;
  /** Whether texts are generated, of several runs at once. */
  generates: boolean;
  /** Tokens that are generated, or read, of each prompt. */
  tokens: number;
  runs: number;
}

/** Where a model is not here its size is taken for this: OPT-1.3B in float16. */
const unknownModel = 2.6e9;
/** Twice two operations for each weight and token, at what two cores of a small server do. */
const secondsPerToken = (modelBytes: number) => modelBytes / 4 / 2e10;
const minutes = 60;
/** Prompts that extraction computes together: more hardly make a step cheaper. */
const batch = 64;

/**
 * What a task of a stage needs at most, by rules of thumb: a scheduler ends what takes more, and a cluster.yaml says better.
 *
 * Stages that load the model hold its weights in float32, which are twice its files where those have half precision, and as much
 * again while they load. Those that read recordings go through them layer by layer.
 */
export function estimateResources(
  { name, per, allCores, sources }: Pick<StageRow, 'name' | 'per' | 'allCores' | 'sources'>,
  { modelBytes = unknownModel, prompts, generates, tokens, runs }: StudySize,
): Resources {
  const loads = sources.includes('model') && name !== 'design';
  const ofRun = prompts * tokens * secondsPerToken(modelBytes);
  const generating = allCores ? (per === 'run' ? ofRun : runs * ofRun) : 0;
  const reading = per === 'study' && name !== 'design' ? (runs * modelBytes) / 1e8 : 0;
  return {
    cores: allCores ? 4 : name === 'design' || name === 'report' ? 1 : 2,
    megabytes: roundUp(2000 + (loads ? (4 * modelBytes) / 1e6 : modelBytes / 1e6), 500),
    seconds: roundUp(30 * minutes + 4 * generating + 4 * reading, 10 * minutes),
    together: per === 'run' && generates ? Math.max(1, Math.floor(batch / prompts)) : 1,
  };
}

const roundUp = (value: number, step: number) => step * Math.ceil(value / step);
