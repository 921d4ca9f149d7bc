import {
  type ActivationReader,
  type Event,
  eventTable,
  openActivationFile,
  type PromptMeans,
  readPromptMeans,
  type Token,
  tokenTable,
} from '@galvani/artifact';
import type { Run } from '@galvani/pipeline';
import { Failure } from '@galvani/terminal';
import type { StudyFiles } from './study-files.js';

/** What one run presented and what the model made of it: a row for each generated token. */
export interface Recording {
  run: Run;
  /** Layers in the order of the model; each has a file. */
  layers: readonly string[];
  /** Prompts in order. */
  events: Event[];
  /** For each prompt 1 (task) or 0 (rest). */
  isTask: Uint8Array;
  tokens: Token[];
  /** For each row its prompt, from 0. */
  promptOfRow: Int32Array;
  /** A layer's rows; whoever opens it closes it. */
  openLayer(layer: string): Promise<ActivationReader>;
  /** Means over each prompt's tokens of all units of a layer. */
  promptMeans(layer: string): Promise<PromptMeans>;
}

/** @throws Failure where events and recording disagree */
export async function openRecording(files: StudyFiles, run: Run, layers: readonly string[]): Promise<Recording> {
  const folder = `extract/${run.name}`;
  const events = await eventTable.read(await files.open(`design/${run.name}.parquet`));
  const tokens = await tokenTable.read(await files.open(`${folder}/tokens.parquet`));
  const promptOfRow = Int32Array.from(tokens, ({ prompt }) => prompt);
  const prompts = new Set(promptOfRow).size;
  if (prompts !== events.length)
    throw new Failure(
      `${run.name}: ${prompts} prompts were extracted, ${events.length} designed: extract the run again.`,
    );
  const layerFile = (layer: string) => files.open(`${folder}/${layer}.arrow`);
  return {
    run,
    layers,
    events,
    isTask: Uint8Array.from(events, ({ condition }) => (condition === 'task' ? 1 : 0)),
    tokens,
    promptOfRow,
    openLayer: async (layer) => openActivationFile(await layerFile(layer)),
    promptMeans: async (layer) => readPromptMeans(await layerFile(layer), promptOfRow),
  };
}
