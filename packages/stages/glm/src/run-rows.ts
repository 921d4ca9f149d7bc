import { readEvents, readTokens } from '@galvani/artifact';
import type { Run } from '@galvani/pipeline';
import { eventsPath, type StudyFolder, tokensPath } from '@galvani/study';

import { Failure } from '@galvani/terminal';

/** What the rows of a run's activation files are. */
export interface RunRows {
  run: Run;
  /** Prompts of the run. */
  prompts: number;
  /** For each prompt 1 (task) or 0 (rest). */
  isTask: Uint8Array;
  /** For each row its prompt, from 0. */
  promptOfRow: Int32Array;
  /** Numbers of each row that modulators may take, by their columns in tokens.parquet. */
  values: Record<'position' | 'log_probability' | 'entropy', Float64Array>;
  layers: string[];
}

/** Reads events and tokens of a run of these layers. @throws Failure where they disagree. */
export async function readRunRows(folder: StudyFolder, run: Run, layers: string[]): Promise<RunRows> {
  const events = await readEvents(eventsPath(folder, run.name));
  const tokens = await readTokens(tokensPath(folder, run.name));
  const promptOfRow = Int32Array.from(tokens, (token) => token.prompt);
  const prompts = new Set(promptOfRow).size;
  if (prompts !== events.length)
    throw new Failure(
      `${run.name}: ${prompts} prompts were extracted, ${events.length} designed: extract the run again.`,
    );
  return {
    run,
    prompts,
    isTask: Uint8Array.from(events, (event) => (event.condition === 'task' ? 1 : 0)),
    promptOfRow,
    values: {
      position: Float64Array.from(tokens, ({ position }) => position),
      log_probability: Float64Array.from(tokens, (token) => token.log_probability),
      entropy: Float64Array.from(tokens, ({ entropy }) => entropy),
    },
    layers,
  };
}
