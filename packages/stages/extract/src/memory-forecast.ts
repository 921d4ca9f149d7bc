import { momentParts } from '@galvani/artifact';
import { forecastStudy, type StageForecast, type StudySize } from '@galvani/forecast';
import type { SubjectDescription } from '@galvani/model';
import type { Recorded, RecordingStage } from '@galvani/study';
import { rowsTogether, runSize } from './recording/slab-size.js';

/** What of a recording's size decides how much memory it takes. */
export type SizeAtOnce = Pick<
  StudySize,
  'weights' | 'weightCopies' | 'units' | 'moments' | 'batch' | 'steps' | 'together' | 'cacheBytes' | 'stateBytes'
> & { batch: number };

type Described = Pick<
  SubjectDescription,
  'weightBytes' | 'unitsPerToken' | 'cacheBytes' | 'stateBytes' | 'unnamed' | 'sites'
>;

/**
 * How many prompts run at once in a recording whose runs have so many, and what waits meanwhile.
 * @throws as `slabSize`
 */
export function sizeAtOnce(
  prompts: number,
  {
    mode,
    newTokens,
    batch: wanted,
    keep,
    moments,
  }: Pick<Recorded, 'mode' | 'newTokens' | 'batch' | 'keep' | 'moments'>,
  { weightBytes: weights, unitsPerToken: units, cacheBytes, stateBytes, unnamed }: Described,
): SizeAtOnce {
  const { batch, steps, together } = runSize({ prompts, newTokens, units, batch: wanted });
  // An .onnx file is mapped beside the copy that is computed with, and its runs share no batch.
  const imported = unnamed !== undefined;
  return {
    ...{ weights, weightCopies: imported ? 2 : 1, units, batch, steps },
    moments: keep === 'prompts' ? 1 + momentParts[moments].length : undefined,
    ...(mode === 'generate' && {
      ...{ cacheBytes, stateBytes },
      together: imported ? undefined : rowsTogether(prompts, together),
    }),
  };
}

/** What recording takes of memory. @param longest tokens of the longest prompt */
export function memoryForecast(
  stage: RecordingStage,
  prompts: number,
  longest: number,
  asked: Recorded,
  model: Described,
): StageForecast {
  const atOnce = sizeAtOnce(prompts, asked, model);
  const { unitsPerToken: widestLayer, weightBytes: modelBytes, sites } = model;
  const { newTokens: tokens, storage } = asked;
  const size = { ...atOnce, modelBytes, widestLayer, sites: sites.length, runs: 1, prompts, tokens, storage };
  const stages = forecastStudy({ ...size, longestPrompt: longest, twin: true }, 1);
  return stages.find((row) => row.stage === stage)!;
}
