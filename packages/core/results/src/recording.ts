import {
  type ActivationColumn,
  type ActivationReader,
  type Event,
  eventTable,
  openActivationLayer,
  type PromptMeans,
  readPromptMeans,
  readUnits,
  recordedFile,
  type Token,
  tokenTable,
} from '@galvani/artifact';
import type { Run } from '@galvani/pipeline';
import type { RecordingStage, StageParameters } from '@galvani/study';
import { Failure } from '@galvani/terminal';
import type { RecordingFacts } from './facts.js';
import { keptRows } from './kept-rows.js';
import { type StoredMoments, storedMeans, storedMoments } from './prompt-moments.js';
import type { StudyFiles } from './study-files.js';
import { type Transform, transformedRows } from './transformed-rows.js';

/** What of a recording is read, and how: fields of `glm` in study.yaml. */
export interface RowRule {
  /** Whether rows count that come after the end of a prompt's text. Default: drop. */
  afterEnd?: StageParameters['glm']['afterEnd'];
  /** What is done to each activation. Default: none. */
  transform?: Transform;
}

/**
 * What one run presented and what the model made of it. Its rows are the generated tokens, without those that come after the end of
 * the prompt's text where they are dropped, each activation transformed where the study says so.
 */
export interface Recording {
  run: Run;
  /** Layers in the order of the model. */
  layers: readonly string[];
  /** Prompts in order. */
  events: Event[];
  /** For each prompt 1 (task) or 0 (rest). */
  isTask: Uint8Array;
  tokens: Token[];
  /** Rows that were recorded after the end of a prompt's text, whether they are dropped or not. */
  afterEnd: number;
  /** Units of the head that stand for no token of any text, as pairs: from the first to before the second. */
  unreachable: RecordingFacts['unreachable'];
  /** What stood around each prompt, with {prompt} in its place; undefined: nothing. */
  template?: string;
  /** For each row its prompt, from 0. */
  promptOfRow: Int32Array;
  /** What is stored of each prompt, where activations are not stored at every token. */
  moments?: StoredMoments;
  /** A layer's sites. */
  columns(layer: string): Promise<ActivationColumn[]>;
  /**
   * A layer's activations at every row; whoever opens it closes it.
   * @throws Failure where moments of prompts are stored
   */
  openLayer(layer: string): Promise<ActivationReader>;
  /**
   * Some units of a site at every row of `tokens`, as they were recorded; where moments are stored, their means, a value for each prompt. For each
   * unit its values.
   * @throws Failure where there is no such site or unit
   */
  storedUnits(site: string, units: readonly number[]): Promise<Float32Array[]>;
  /** Means over each prompt's tokens of all units of a layer. */
  promptMeans(layer: string): Promise<PromptMeans>;
}

/** @throws Failure where events and recording disagree */
export async function openRecording(
  files: StudyFiles,
  run: Run,
  { layers, unreachable, keep, moments, template }: RecordingFacts,
  { afterEnd = 'drop', transform = 'none' }: RowRule = {},
  stage: RecordingStage = 'extract',
): Promise<Recording> {
  const folder = `${stage}/${run.name}`;
  const events = await eventTable.read(await files.open(`design/${run.name}.parquet`));
  const recorded = await tokenTable.read(await files.open(`${folder}/tokens.parquet`));
  const kept = Uint8Array.from(recorded, ({ after_end }) => (afterEnd === 'drop' && after_end ? 0 : 1));
  const tokens = recorded.filter((_, row) => kept[row] === 1);
  const promptOfRow = Int32Array.from(tokens, ({ prompt }) => prompt);
  const prompts = new Set(promptOfRow).size;
  if (prompts !== events.length)
    throw new Failure(
      `${run.name}: ${prompts} prompts were extracted, ${events.length} designed: extract the run again.`,
    );
  const openFile = (name: string) => files.open(`${folder}/${name}`);
  const stored = keep === 'prompts' ? storedMoments(moments, openFile) : undefined;
  const recording = () => openFile(recordedFile(keep));
  const openLayer = async (layer: string) => {
    if (stored)
      throw new Failure(
        `${folder} keeps what activations come to over each prompt, and not at each token (extraction.keep: prompts).`,
      );
    const file = await openActivationLayer(await recording(), layer);
    const own = tokens.length === recorded.length ? file : keptRows(file, kept);
    return transform === 'none' ? own : transformedRows(own, transform);
  };
  return {
    run,
    layers,
    events,
    isTask: Uint8Array.from(events, ({ condition }) => (condition === 'task' ? 1 : 0)),
    tokens,
    afterEnd: recorded.reduce((sum, { after_end }) => sum + (after_end ? 1 : 0), 0),
    unreachable,
    ...(template !== undefined && { template }),
    promptOfRow,
    ...(stored && { moments: stored }),
    async columns(layer) {
      const file = await openActivationLayer(await recording(), layer);
      await file.close();
      return file.columns;
    },
    openLayer,
    async storedUnits(site, units) {
      const read = await readUnits(await recording(), site, units);
      const whole = keep === 'prompts' || tokens.length === recorded.length;
      return whole ? read : read.map((values) => values.filter((_, row) => kept[row] === 1));
    },
    promptMeans: async (layer) =>
      stored ? storedMeans(stored, layer, events.length) : readPromptMeans(await openLayer(layer), promptOfRow),
  };
}
