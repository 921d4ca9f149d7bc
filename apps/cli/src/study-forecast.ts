import { availableParallelism } from 'node:os';
import {
  forecastStudy,
  machineMemory,
  openingForecast,
  type Pace,
  type StageForecast,
  type StudySize,
  statedRate,
  tooLarge,
} from '@galvani/forecast';
import type { StageRow } from '@galvani/pipeline';
import { absentStages, type PlannedParameters, readPlan, type StudyFolder, studyFolder } from '@galvani/study';
import { advised, formatBytes, formatCount, formatSeconds, note, say, UserMistake, warn } from '@galvani/terminal';
import { lesionTexts, lighterLesions } from './lesion-cost.js';
import { measuredPace, promptTokens } from './measured-pace.js';
import { bytesUnder, tellShort } from './short-here.js';
import type { StudyToRun } from './study-argument.js';

/** The size of a study, where its model lies, and how many layers are recorded. */
export type SizedStudy = StudySize & { layers: number; path: string; batch: number; promptTokens: number };

/** Tokens of a prompt, about, where the model has no tokenizer to count them. */
const usualTokens = 16;

/**
 * Prints what each stage of a study takes: memory, disk and time; and what of it this machine does not have. Time with the model is measured on a
 * few tokens, or by a stated rate; all else is by rules. Of a model that was not downloaded only that it is unknown.
 *
 * @param options `measure` false: the model is not run
 */
export async function tellForecast(
  folder: StudyFolder,
  root: string,
  { measure, signal }: { measure: boolean; signal: AbortSignal },
): Promise<void> {
  const parameters = await readPlan(folder);
  const found = await sizeOrMistake(parameters, root);
  if (found instanceof UserMistake) return warnOfMistake(found);
  if (found === undefined) {
    say(
      `forecast: none, since the model is not on this machine (a model of the Hub is after its first run, or after ${advised('sites')}).`,
    );
    return;
  }
  const cores = availableParallelism();
  const there = machineMemory();
  const fits = forecastStudy(found, cores).every((stage) => tooLarge(stage, there) === undefined);
  if (measure && fits) note('plan: presenting the model with a few tokens (--no-measure does without)');
  const pace = measure && fits ? await measuredPace(found.path, parameters, found.batch, signal) : undefined;
  const size = { ...found, pace };
  const stages = forecastStudy(size, cores);
  const { mode, stopAtEnd } = parameters.extract;
  const read = `${formatCount(Math.round(size.prompts * size.promptTokens))} read`;
  const tokens =
    mode === 'read'
      ? read
      : `${read} and ${formatCount(size.prompts * size.tokens)} generated${stopAtEnd ? ' at most' : ''}`;
  say(
    `forecast for ${formatCount(size.runs)} runs, ${formatCount(size.prompts)} prompts, tokens ${tokens}, ${formatCount(size.units)} units and weights of ${formatBytes(size.weights)} as float32, on ${cores} cores (${paceWords(pace, size.batch)}):`,
  );
  const row = (stage: string, memory: string, disk: string, time: string) =>
    say(`  ${stage.padEnd(10)} ${memory.padStart(9)} of memory ${disk.padStart(9)} of disk ${time.padStart(12)}`);
  for (const { stage, memory, disk, seconds } of stages)
    row(stage, formatBytes(memory), formatBytes(disk), formatSeconds(seconds));
  const sum = (of: 'disk' | 'seconds') => stages.reduce((total, each) => total + each[of], 0);
  const most = Math.max(...stages.map(({ memory }) => memory));
  row('in all', formatBytes(most), formatBytes(sum('disk')), formatSeconds(sum('seconds')));
  const lighter = lighterLesions(parameters, stages);
  if (lighter !== undefined) say(lighter);
  await tellShort(folder, stages, parameters);
}

/** The size of a study, or what is wrong with it that only its model tells: whoever records it says so in its turn. */
export function sizeOrMistake(
  parameters: PlannedParameters,
  root: string,
): Promise<SizedStudy | UserMistake | undefined> {
  return studySize(parameters, root).catch((error: Error) => {
    if (error instanceof UserMistake) return error;
    throw error;
  });
}

/** An .onnx file that takes more memory to be opened than there is. */
class UnopenableModel extends UserMistake {
  constructor(
    message: string,
    /** What opening it takes, which is all that is known of it. */
    readonly opening: StageForecast,
  ) {
    super(message);
  }
}

/** What each stage of a study takes, as far as it can be told. */
export function forecastOf(size: SizedStudy | UserMistake | undefined, cores: number): StageForecast[] {
  if (size instanceof UnopenableModel) return [size.opening];
  return size === undefined || size instanceof UserMistake ? [] : forecastStudy(size, cores);
}

/** Warns of what would keep a study from being recorded. */
export function warnOfMistake({ message }: UserMistake): void {
  warn(`this study cannot be recorded as it is here, so there is no forecast: ${message}`);
}

/** Where the seconds of a forecast come from. */
function paceWords(pace: Pace | undefined, batch: number): string {
  if (!pace)
    return `time at a stated rate of ${statedRate / 1e9} billion operations a second and core; nothing was measured here`;
  const speed = pace.token > 0 ? 1 / pace.token : promptTokens / pace.prompt;
  return `${formatCount(Math.round(speed))} tokens a second of this model, measured here on a few tokens of ${formatCount(batch)} prompts at once; lesions and statistics at rates that were measured elsewhere`;
}

/** Stages of a study as steps, each with how long it is forecast to take, where that can be told. */
export async function forecastSteps(
  { study, root }: Pick<StudyToRun, 'study' | 'root'>,
  rows: readonly StageRow[],
): Promise<{ name: string; seconds?: number }[]> {
  const size = await sizeOrMistake(await readPlan(studyFolder(study, root)), root);
  const forecast = forecastOf(size, availableParallelism());
  return rows.map(({ name }) => ({ name, seconds: forecast.find(({ stage }) => stage === name)?.seconds }));
}

/** The size of a study from its parameters, where its model lies, and how many layers are recorded; undefined of a model that is not on this machine. An .onnx file is run to tell its sites. */
export async function studySize(parameters: PlannedParameters, root: string): Promise<SizedStudy | undefined> {
  const { design, extract, runs, twin } = parameters;
  const given = 'twin' in extract.model ? extract.model.twin : extract.model;
  const { describeSubject, heldModel, openingBytes } = await import('@galvani/model');
  const path = await heldModel(given, root).catch((error: Error) => {
    if (error instanceof UserMistake) return undefined;
    throw error;
  });
  if (path === undefined) return undefined;
  const opening = await openingBytes(path);
  if (opening !== undefined) {
    const forecast = openingForecast('extract', opening);
    const why = tooLarge(forecast, machineMemory());
    if (why !== undefined) throw new UnopenableModel(`${why}.`, forecast);
  }
  const description = await describeSubject(path, extract.sites);
  const { presentedTokens } = await import('./presented-tokens.js');
  const presented = await presentedTokens(parameters, path, description, root);
  const widths = new Map<string, number>();
  for (const { layer, width } of description.sites) widths.set(layer, (widths.get(layer) ?? 0) + width);
  const { cycles, promptsPerBlock, pairs } = design.design;
  const ofRun = (pairs ? 2 * cycles : 2 * cycles + 1) * promptsPerBlock;
  const reading = extract.mode === 'read';
  const { sizeAtOnce } = await import('@galvani/extract');
  return {
    ...sizeAtOnce(ofRun, extract, description),
    path,
    modelBytes: opening ?? (await bytesUnder(path)),
    widestLayer: Math.max(...widths.values()),
    sites: description.sites.length,
    vocabulary: description.vocabularySize,
    layers: widths.size,
    runs: runs.length,
    tasks: design.tasks.length,
    prompts: runs.length * ofRun,
    tokens: !reading ? extract.newTokens : extract.tokens === 'all' ? (presented?.kept ?? usualTokens) : 1,
    read: reading,
    promptTokens: presented?.mean ?? usualTokens,
    longestPrompt: presented?.longest,
    storage: extract.storage,
    lesionTokens: lesionTexts(parameters) * (presented?.toOwnLast ?? usualTokens),
    twin: !('absent' in twin),
    absent: absentStages(parameters).map(({ stage }) => stage),
  };
}
