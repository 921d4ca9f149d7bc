import { basename } from 'node:path';
import { type CalibrationRate, calibrationTable, requireEnding, requireWritableFile } from '@galvani/artifact';
import { openResults, type Results } from '@galvani/results';
import {
  calibrate,
  calibratedModels,
  calibrateOnActivations,
  calibratePrompts,
  noiseModel,
  type PromptLayout,
} from '@galvani/statistics';
import {
  calibrationPath,
  readParameters,
  replaceStage,
  type StudyFolder,
  studyFolder,
  type Upstream,
} from '@galvani/study';
import { type StageArguments, say, startProgress, UserMistake } from '@galvani/terminal';
import { readRestActivations } from './rest-activations.js';

/** What `measureErrorRates` takes. */
export interface CalibrationArguments {
  /** Derivatives of a study whose rest prompts are to be relabelled, absolute. Without it noise is simulated alone. */
  study?: string;
  /** The workspace of that study, absolute. */
  root?: string;
  /** A minute instead of many, with wide intervals. */
  quick: boolean;
  /** Rates on simulated noise, where they are known already (same seed, same `quick`). */
  simulated?: readonly CalibrationRate[];
  /** The Parquet file to write, if any; default for a study: calibrate/calibration.parquet in its derivatives. */
  out?: string;
  /** Default 1. */
  seed?: number;
  signal?: AbortSignal;
}

/** Studies of prompts' means, for each noise: without an effect, and with one. */
const promptStudies = { full: { studies: 1000, planted: 200 }, quick: { studies: 20, planted: 4 } } as const;

/** Labellings of rest prompts, and the units that they are tried on: most models need every token, and take longer. */
function labelledTrials(extent: 'full' | 'quick') {
  const trials = calibratedModels.flatMap((model) => {
    const { labelled } = noiseModel(model).calibration![extent];
    return labelled ? [{ model, ...labelled }] : [];
  });
  return trials.sort((a, b) => b.studies - a.studies);
}

/**
 * Error rates of every noise model and correction: on simulated noise of tokens, on simulated prompts that vary alike or not, and on
 * rest prompts of a study that are labelled task at random. Same arguments, same rows.
 */
export async function measureErrorRates(args: CalibrationArguments): Promise<CalibrationRate[]> {
  const { quick, seed = 1, signal } = args;
  const extent = quick ? 'quick' : 'full';
  if (args.out !== undefined) {
    requireEnding(args.out, 'Parquet');
    await requireWritableFile(args.out, '.parquet');
  }
  const folder = args.study === undefined ? undefined : studyFolder(args.study, args.root);
  const most = Math.max(...labelledTrials('full').map(({ units }) => units));
  if (folder && (await readParameters(folder, 'glm')).rest === 'none')
    throw new UserMistake(
      'calibrate labels rest prompts at random, and this study has no rest (rest: none). Name a study with rest; without --study simulated noise is measured.',
    );
  const results = folder && (await openResults(folder, 'calibrate', signal));
  const rest = results && (await readRestActivations(results, most, seed));
  const rows = [...(args.simulated ?? (await simulatedRates(extent, seed, signal)))];
  for (const { model, studies, units } of rest ? labelledTrials(extent) : []) {
    const given = someUnits(rest!.series, rest!.units, Math.min(units, rest!.units), rest!.layout);
    const name = activationsName(results!);
    const progress = shown(`${name}, ${model}`, signal);
    rows.push(...(await calibrateOnActivations({ ...given, name, models: [model], studies, seed }, progress)));
  }
  const own = folder && calibrationPath(folder);
  const out = args.out ?? own;
  if (folder && out === own) await keepWithStudy(folder, rows, { quick, seed }, results!);
  else if (out !== undefined) await calibrationTable.write(out, rows);
  return rows;
}

async function simulatedRates(
  extent: 'full' | 'quick',
  seed: number,
  signal?: AbortSignal,
): Promise<CalibrationRate[]> {
  return [
    ...(await calibrate({ studies: extent, seed }, shown('noise of tokens', signal))),
    ...(await calibratePrompts({ ...promptStudies[extent], seed }, shown('noise of prompts', signal))),
  ];
}

/** Whether a rate is of simulated noise, not of recorded activations. */
export const isSimulated = ({ noise }: CalibrationRate): boolean => !noise.startsWith('activations');

/** What recorded activations are called in rows. */
function activationsName({ runs, manifests }: Results): string {
  return `activations${manifests.get(`extract/${runs[0].name}`)?.parameters.mode === 'read' ? ', reading' : ''}`;
}

/** The calibrate stage: recordings of rest prompts -> calibrate/calibration.parquet. */
export async function calibrateStage({ study, root, signal }: StageArguments): Promise<void> {
  const rows = await measureErrorRates({ study, root, quick: false, signal });
  say(`calibrate: ${rows.length} rates`);
}

/** Writes rates where the report shows them, with a manifest that says of which study they are. */
async function keepWithStudy(
  folder: StudyFolder,
  rows: CalibrationRate[],
  parameters: Record<string, unknown>,
  { plan, inputs }: Pick<Upstream, 'plan' | 'inputs'>,
): Promise<void> {
  await replaceStage(folder, 'calibrate', async (place) => {
    await calibrationTable.write(place(basename(calibrationPath(folder))), rows);
    return { plan, parameters, inputs, facts: { rates: rows.length } };
  });
}

/** A bar for one part; stops the work where the person asked for it. */
function shown(label: string, signal?: AbortSignal): (done: number, total: number) => void {
  let progress: ReturnType<typeof startProgress> | undefined;
  let before = 0;
  return (done, total) => {
    signal?.throwIfAborted();
    progress ??= startProgress(label, total, 'studies');
    progress.advance(done - before);
    before = done;
    if (done >= total) progress.finish();
  };
}

/** Every so many-th unit, `count` of them. */
function someUnits(
  series: Float32Array,
  units: number,
  count: number,
  layout: PromptLayout,
): { series: Float32Array; layout: PromptLayout } {
  if (count === units) return { series, layout };
  const rows = series.length / units;
  const part = new Float32Array(rows * count);
  const columns = Array.from({ length: count }, (_, k) => Math.floor((k * units) / count));
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < count; k++) part[row * count + k] = series[row * units + columns[k]];
  return { series: part, layout };
}
