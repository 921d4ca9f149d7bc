import {
  type ControlCalibration,
  type ControlWindow,
  controlAnswerTable,
  controlCalibrationTable,
  controlHubTable,
  controlTable,
  controlWindowTable,
} from '@galvani/artifact';
import { leaveOutUncounted, readSessions } from '@galvani/identification';
import { openResults, type Recording, type Results } from '@galvani/results';
import { readParameters, replaceStage, type StageParameters, studyFolder } from '@galvani/study';
import { type StageArguments, say, startProgress } from '@galvani/terminal';
import { type Answers, answersOf, medianDraw, type RowScores } from './answers.js';
import { calibrationRows } from './calibration-rows.js';
import {
  generatedTokens,
  type NamedFeatures,
  recordedActivity,
  textFeatures,
  wholeActivity,
} from './control-features.js';
import { partsOf, sitesOf } from './feature-parts.js';
import { type ControlFold, type FoldKind, formFolds, sessionFolds, wordFolds } from './harder-folds.js';
import { hubsOf } from './hubs.js';
import { answerRows, identificationRows, windowRow } from './identification-rows.js';
import {
  type FoldNetworks,
  networkFormer,
  patternsOf,
  randomNetworkStream,
  randomNetworks,
  scoresOf,
  type ThresholdOf,
} from './network-answers.js';
import { type PresentedPrompts, presentedPrompts } from './presented-prompts.js';
import type { Activity } from './prompt-cells.js';
import { type DecoderScores, referenceDecoders, referenceScores } from './reference-answers.js';
import { tokenWindows, windowScores } from './token-windows.js';

/** Draws of random networks, of which the median is taken. */
const draws = 11;

/**
 * The controls stage: events, activations, the untrained twin and wording -> controls/{identification,answers,calibration,windows,hubs}.parquet.
 * Everything is compared with galvani's networks on the same prompts.
 */
export async function controlsStage({
  study,
  root,
  signal,
}: Pick<StageArguments, 'study' | 'signal'> & { root?: string }): Promise<void> {
  const folder = studyFolder(study, root);
  const [asked, rule, { variance }, { mode }] = await Promise.all([
    readParameters(folder, 'controls'),
    readParameters(folder, 'networks'),
    readParameters(folder, 'glm'),
    readParameters(folder, 'extract'),
  ]);
  const results = await openResults(folder, 'controls', signal);
  const found = await measure(results, { asked, rule, variance, mode, signal });
  const rows = identificationRows(found.answers, found.prompts, asked.seed);
  await replaceStage(folder, 'controls', async (place) => {
    await controlTable.write(place('identification.parquet'), rows);
    await controlAnswerTable.write(place('answers.parquet'), answerRows(found.answers, found.prompts));
    await controlCalibrationTable.write(place('calibration.parquet'), found.calibration);
    await controlWindowTable.write(place('windows.parquet'), found.windows);
    await controlHubTable.write(place('hubs.parquet'), found.hubs);
    const parameters = { ...asked, networks: rule, variance };
    const facts = { draws, ...(results.noTwin !== undefined && { noTwin: results.noTwin }) };
    return { plan: results.plan, parameters, inputs: results.inputs, facts };
  });
  for (const { folds, features, decoder, correct, total, difference } of rows)
    if (['units', 'twin', 'input embedding'].includes(features))
      say(
        `controls: ${decoder} on ${features}, ${foldWords[folds as FoldKind]}: ${correct} of ${total}${difference === 0 ? '' : ` (networks ${difference > 0 ? '+' : ''}${(100 * difference).toFixed(0)} points)`}`,
      );
}

const foldWords: Record<FoldKind, string> = {
  sessions: 'other sessions',
  forms: 'other sessions and forms',
  words: 'other sessions, no content word in common',
};

/** The slow decoder is for wording, which it suits. */
function decodersFor({ name }: NamedFeatures): string[] {
  return Object.keys(referenceDecoders).filter(
    (decoder) => decoder !== 'logistic' || ['input embedding', 'character n-grams'].includes(name),
  );
}

interface Options {
  asked: StageParameters['controls'];
  rule: StageParameters['networks'];
  variance: StageParameters['glm']['variance'];
  mode: StageParameters['extract']['mode'];
  signal: AbortSignal;
}

async function measure(results: Results, { asked, rule, variance, mode, signal }: Options) {
  const sessions = await readSessions(results, 'controls: reading activity', signal);
  const recordings: Recording[] = [];
  for (const { run } of sessions.flat()) recordings.push(await results.recording(run));
  const counted = await leaveOutUncounted(sessions.flat(), recordings[0], rule);
  const events = new Map(recordings.map(({ run, events: own }) => [run.name, own]));
  const prompts = presentedPrompts(sessions, (run) => events.get(run)!);
  const activity = wholeActivity(sessions.flat());
  const sites = await sitesOf(recordings[0]);
  const { networks: formed } = await results.tables('decode', ['networks']);
  const sessionNumbers = sessions.map(([first]) => first.run.session);
  const ruleOf: ThresholdOf = (session, task) => {
    const known = formed!.find((row) => row.session === sessionNumbers[session] && row.task === prompts.tasks[task])!;
    const { minimumEffect, sign, top } = rule;
    return { variance, minimumEffect, sign, top, threshold: known.threshold, statistic: known.statistic as 't' | 'z' };
  };
  const folds: [FoldKind, ControlFold[]][] = [
    ['sessions', sessionFolds(prompts)],
    ['forms', formFolds(prompts)],
    ['words', wordFolds(prompts)],
  ];
  const features = await featuresOf(results, { prompts, activity, recordings, mode, signal });
  const used = folds.filter(([, own]) => own.length > 0);
  const progress = startProgress('controls', used.length + features.length, 'sets');
  const step = async () => {
    progress.advance();
    signal.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const answers: Answers[] = [];
  const answer = (about: Parameters<typeof answersOf>[0], parts: readonly RowScores[]) =>
    answersOf(about, parts, prompts.task, prompts.tasks.length);
  const siteOf = new Int32Array(activity.units);
  for (const [s, { first, width }] of sites.entries()) siteOf.fill(s, first, first + width);
  const unitsOf = sites.map(({ first, width }) =>
    Int32Array.from({ length: width }, (_, i) => first + i).filter((u) => counted[u] === 1),
  );
  const order = new Int32Array(activity.units);
  const form = networkFormer(activity, prompts, ruleOf);
  const kept: FoldNetworks[] = [];
  let calibration: ControlCalibration[] = [];
  for (const [folds, own] of used) {
    const about = { folds, features: 'units', source: 'activity', width: activity.units } as const;
    const said: RowScores[] = [];
    const drawn: RowScores[][] = Array.from({ length: draws }, () => []);
    for (const [f, fold] of own.entries()) {
      const found = form(fold);
      const patterns = patternsOf(activity, found.rest, fold.heldOut);
      said.push(scoresOf(patterns, found.networks, fold.heldOut));
      for (const [draw, parts] of drawn.entries()) {
        const random = randomNetworks(found, { siteOf, unitsOf, order }, randomNetworkStream(asked.seed, draw, f));
        parts.push(scoresOf(patterns, random, fold.heldOut));
      }
      if (folds === 'sessions') kept.push({ fold, rest: found.rest, networks: found.networks });
      signal.throwIfAborted();
    }
    answers.push(answer({ ...about, decoder: 'networks' }, said));
    if (folds === 'sessions') calibration = calibrationRows(said, prompts, asked.seed);
    answers.push(medianDraw(drawn.map((parts) => answer({ ...about, decoder: 'random networks' }, parts))));
    await step();
  }
  const kinds = used.map(([, own]) => own);
  const add = (about: Pick<Answers, 'features' | 'source' | 'width'>, scores: readonly DecoderScores[]) => {
    for (const [k, [folds]] of used.entries())
      for (const [decoder, own] of scores[k]) answers.push(answer({ ...about, folds, decoder }, own));
  };
  // They come after all other features.
  const parts = partsOf(sites);
  const ofParts: DecoderScores[][] = [];
  for (const each of features) {
    const { name, source, width } = each;
    if (source === 'twin') {
      const twin = { values: each.values as Float32Array, units: width };
      const formed = sessionFolds(prompts).map(networkFormer(twin, prompts, ruleOf));
      const about = { folds: 'sessions', features: name, source, width, decoder: 'networks' } as const;
      answers.push(
        answer(
          about,
          formed.map(({ fold: { heldOut }, rest, networks }) =>
            scoresOf(patternsOf(twin, rest, heldOut), networks, heldOut),
          ),
        ),
      );
    }
    const scores = await referenceScores(each, prompts, kinds, decodersFor(each), name === 'units' ? parts : []);
    add({ features: name, source, width }, scores.whole);
    for (const [p, own] of scores.parts.entries()) ofParts[p] = own;
    await step();
  }
  for (const [p, { name, width }] of parts.entries()) add({ features: name, source: 'activity', width }, ofParts[p]);
  progress.finish();
  return {
    prompts,
    answers,
    calibration,
    windows: await windowsOf(recordings, prompts, kept, mode, asked.seed),
    hubs: hubsOf(activity, prompts, kept),
  };
}

async function featuresOf(
  results: Results,
  given: {
    prompts: PresentedPrompts;
    activity: Activity;
    recordings: readonly Recording[];
    mode: Options['mode'];
    signal: AbortSignal;
  },
): Promise<NamedFeatures[]> {
  const { prompts, activity, recordings, mode, signal } = given;
  const features: NamedFeatures[] = [
    { name: 'units', source: 'activity', kind: 'activity', values: activity.values, width: activity.units },
  ];
  const twin = await twinActivity(results, recordings, signal);
  if (twin) features.push({ name: 'twin', source: 'twin', kind: 'activity', values: twin.values, width: twin.units });
  const wording = await results.wording();
  if (wording) {
    const byRun = new Map(results.runs.map(({ name }, r) => [name, r]));
    const firstRow = new Map<string, number>();
    let row = 0;
    for (const [r, { name }] of results.runs.entries()) {
      firstRow.set(name, row);
      row += wording.tokens[r].length;
    }
    // Runs are in the order of sessions here, in that of the plan there.
    const order = recordings.flatMap(({ run, events }) => events.map((_, p) => ({ run: run.name, p })));
    const tokens = order.map(({ run, p }) => wording.tokens[byRun.get(run)!][p]);
    const { embeddings } = wording;
    const mean = embeddings && {
      width: embeddings.width,
      values: Float32Array.from(
        order.flatMap(({ run, p }) => {
          const at = (firstRow.get(run)! + p) * embeddings.width;
          return [...embeddings.values.subarray(at, at + embeddings.width)];
        }),
      ),
    };
    const answers = mode === 'generate' ? recordings.flatMap(generatedTokens) : undefined;
    features.push(...textFeatures(prompts, tokens, mean, answers));
  }
  return features;
}

async function twinActivity(results: Results, recordings: readonly Recording[], signal: AbortSignal) {
  const found: Recording[] = [];
  for (const { run } of recordings) {
    const own = await results.twin(run);
    if (!own) return undefined;
    found.push(own);
  }
  return recordedActivity(found, 'controls: reading the twin’s activity', signal);
}

/** None where no tokens are kept. */
async function windowsOf(
  recordings: readonly Recording[],
  prompts: PresentedPrompts,
  networks: readonly FoldNetworks[],
  mode: Options['mode'],
  seed: number,
): Promise<ControlWindow[]> {
  if (recordings.some(({ moments }) => moments)) return [];
  const rows = Math.max(...recordings.flatMap(({ tokens }) => tokens.map(({ position }) => position + 1)));
  const windows = tokenWindows(rows, mode === 'generate');
  const progress = startProgress('controls: windows of tokens', recordings[0].layers.length, 'layers');
  const scores = await windowScores(recordings, prompts, networks, windows, () => progress.advance());
  progress.finish();
  return windows.map((window, w) => windowRow(window, scores[w], prompts, seed));
}
