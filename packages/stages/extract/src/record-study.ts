import { readdir } from 'node:fs/promises';
import { type Event, eventTable, manifestName, rememberOutputs, withClaims } from '@galvani/artifact';
import { checkMemory, freeBytes, machineMemory, openingForecast } from '@galvani/forecast';
import {
  cannotGenerate,
  describeSubject,
  loadSubject,
  openingBytes,
  openModelTokenizer,
  type Subject,
  type SubjectDescription,
} from '@galvani/model';
import {
  commitStage,
  eventsPath,
  openUpstream,
  type Recorded,
  type RecordingStage,
  runFolder,
  type StudyFolder,
  studyFolder,
} from '@galvani/study';
import type { PresentedPrompt, StoredRun } from '@galvani/subject';
import {
  type Alone,
  listStore,
  loadChecked,
  locateSubject,
  modelInputs,
  openModel,
  openStore,
  presentPrompts,
  storeFolder,
  subjectWarnings,
} from '@galvani/subject';
import { formatCount, type StageArguments, say, UserMistake, warn } from '@galvani/terminal';
import { actsInOrder } from './acts-in-order.js';
import { answersOfTheSystem } from './answers-of-the-system.js';
import { type Companion, type Surroundings, withCompanions } from './companions.js';
import { checkForecast } from './disk-forecast.js';
import { memoryForecast } from './memory-forecast.js';
import { modelTurns } from './model-turns.js';
import { overlappingRuns } from './overlapping-runs.js';
import { recordReadRun, recordRuns } from './record-run.js';
import { type RecordingRequest, recordingRequest } from './recording-request.js';
import { keptTokens, sizeOfRun } from './recording-rows.js';
import { emptyRun, wholeRun } from './run-on-disk.js';
import { runsToRecord } from './runs-to-record.js';

/** A study's recording under way. */
interface Extraction extends Surroundings {
  /** Loads the model, once, after a look at the disk. */
  subject(): Promise<Subject>;
  /** Waits until the model is free for a batch of these runs, and gives what says that it has done its part. */
  turn(runs: readonly string[]): Promise<() => void>;
  /** What is waited for after each step of the model. */
  pause(): Promise<void> | undefined;
  /** Keys of what this process has recorded into the store for runs whose turn is yet to come. */
  ahead: Set<string>;
}

/**
 * Records a model's runs: plan and design/<run>.parquet -> <stage>/<run>/activations.arrow (or moments), tokens.parquet and, last,
 * manifest.json; of the runs that are named, or of all that plan/runs.json lists. A run that is there and whole is kept, one that was
 * recorded before is taken from the store, and only what remains is recorded. Following runs that remain too fill its batches and go
 * to the store (`withCompanions`), from where their turn, in this process or another, takes them.
 *
 * @param asked the model and how it is recorded
 * @throws UserMistake for an unknown run, site pattern or model, or a prompt that is too long; Failure for a disk that is or
 * becomes too small, or a model whose recording is not what it computes; Interrupted on Ctrl-C. A run is there whole or not
 * at all, and the same command goes on from the last whole run.
 */
export async function recordStudy(args: StageArguments, stage: RecordingStage, asked: Recorded): Promise<void> {
  const folder = studyFolder(args.study, args.root);
  const store = openStore(await storeFolder(args.root), warn);
  const names = await runsToRecord(folder, args.runs);
  const upstream = await openUpstream(folder, stage, args.signal);
  // A twin has its original's sites and tokenizer.
  const path = await locateSubject(asked.model, args.root, args.signal);
  const description = await describeOpenable(path, asked, stage);
  await checkBeforeReading(folder, stage, names.wanted, {
    path,
    description,
    asked,
    store: store.folder,
    signal: args.signal,
  });
  const model = await openModel(asked.model, args.root, store.folder, args.signal, path);
  const read = { ...upstream.inputs, ...(await modelInputs(asked.model, path, folder)) };

  const requests = new Map<string, Promise<RecordingRequest>>();
  /** A run's request, which every run before it looks at too. */
  const requestOf = (name: string) => {
    const known = requests.get(name) ?? recordingRequest(folder, name, asked, { ...model, description }, read);
    requests.set(name, known);
    return known;
  };
  const ahead = new Set<string>();
  const modelTurn = modelTurns();
  const alone: Alone = async (work) => {
    const free = await modelTurn();
    return work().finally(free);
  };
  // The files of a run may be ended before those of the run before it.
  const told = actsInOrder(names.wanted);
  let loaded: Subject | undefined;
  try {
    await overlappingRuns(names.wanted, args.signal, async (name, signal, { begin, computed, others }) => {
      const request = await requestOf(name);
      const subject = async () => {
        if (loaded) return loaded;
        const runs = Math.max(1, (await missingRuns(folder, stage, names.all)).length);
        const presented = await presentUnloaded(request.events, { path, description, asked, signal });
        const prompts = presented.map(({ tokens }) => tokens);
        const { unitsPerToken: units, sites } = description;
        const size = {
          runs,
          ...sizeOfRun(keptTokens(presented, asked), asked),
          units,
          sites: sites.length,
          storage: asked.storage,
        };
        checkForecast(size, await freeBytes(folder[stage]), folder[stage], asked.moments === 'mean');
        checkMemory(memoryForecast(stage, prompts.length, longestOf(presented), asked, description), machineMemory());
        const own = await model.files(folder.verified);
        // Where more than means is kept, or a model is read, moments are added up beside it.
        const summed = asked.keep === 'prompts' && asked.moments === 'mean' && asked.mode === 'generate';
        const options = { sites: asked.sites, device: asked.device, summed };
        const { digest } = model;
        const half = asked.storage === 'float16' && asked.keep === 'tokens';
        const load = () => loadSubject(own, { ...options, digest, half });
        loaded = await loadChecked(own, load, { ...description, digest }, prompts, options, store.folder);
        for (const warning of subjectWarnings(loaded)) warn(warning);
        if (asked.stopAtEnd && loaded.endTokens.length === 0)
          warn(
            `${loaded.name} names no token that ends a text (eos_token_id), so extraction.afterEnd: stop stops nothing.`,
          );
        return loaded;
      };
      const later = names.all.slice(names.all.indexOf(name) + 1);
      // Other machines are at work on the runs that are not this command's.
      const following = later.filter((each) => args.among?.includes(each) ?? true);
      const { plan } = upstream;
      const turn = async (runs: readonly string[]) => {
        await begin(runs);
        const free = await modelTurn();
        return () => {
          computed();
          free();
        };
      };
      const pause = () => (others() ? answersOfTheSystem() : undefined);
      const of = { folder, stage, plan, asked, store, following, requestOf, subject, turn, alone, pause, ahead };
      const line = await withClaims(folder, { write: [`${stage}/${name}`] }, signal, (held) =>
        recordOneRun(request, { ...of, signal: held }),
      );
      told.through(name, () => {
        say(line);
        args.ended?.(name);
      });
    });
  } finally {
    told.rest();
    await loaded?.release();
  }
  // Weights as large as the model's, which nothing after the last run reads.
  if (stage === 'twin' && loaded !== undefined && (await missingRuns(folder, stage, names.all)).length === 0)
    await model.discard();
}

/** @throws Failure for an .onnx file that is too large to tell its sites, UserMistake for one that cannot do what is asked */
async function describeOpenable(path: string, asked: Recorded, stage: RecordingStage): Promise<SubjectDescription> {
  const opening = await openingBytes(path);
  if (opening !== undefined) checkMemory(openingForecast(stage, opening), machineMemory());
  const description = await describeSubject(path, asked.sites);
  if (description.readOnly && asked.mode === 'generate')
    throw new UserMistake(cannotGenerate(description.name, description.readOnly));
  return description;
}

/** Runs without a manifest: those that still take space. */
async function missingRuns(folder: StudyFolder, stage: RecordingStage, names: readonly string[]): Promise<string[]> {
  const whole = await Promise.all(
    names.map(async (name) =>
      (await readdir(runFolder(folder, name, stage)).catch((): string[] => [])).includes(manifestName),
    ),
  );
  return names.filter((_, n) => !whole[n]);
}

/** A model that is not loaded, and how it is recorded. */
interface Unloaded {
  path: string;
  description: SubjectDescription;
  asked: Recorded;
  signal: AbortSignal;
}

async function presentUnloaded(
  events: readonly Event[],
  { path, description: { name, contextLength }, asked, signal }: Unloaded,
): Promise<PresentedPrompt[]> {
  const room = asked.mode === 'read' ? 0 : asked.newTokens;
  const tokenizer = await openModelTokenizer(path);
  signal.throwIfAborted();
  return presentPrompts(events, { tokenizer, contextLength, name }, room, { presentation: asked, signal });
}

/**
 * To tell which model it is takes minutes of a large one; that it does not fit, and that the store holds no run of so many units, is known at once.
 * @throws Failure
 */
async function checkBeforeReading(
  folder: StudyFolder,
  stage: RecordingStage,
  wanted: readonly string[],
  { store, ...model }: Unloaded & { store: string },
): Promise<void> {
  const missing = await missingRuns(folder, stage, wanted);
  if (missing.length === 0) return;
  const { asked, description } = model;
  const there = machineMemory();
  const own = await eventTable.read(eventsPath(folder, missing[0]));
  // Whatever the prompts say; they are looked at where this is enough to refuse.
  if (memoryForecast(stage, own.length, 0, asked, description).memory <= there) return;
  if ((await listStore(store)).some(({ facts }) => facts.units === description.unitsPerToken)) return;
  const events = await Promise.all(missing.map((run) => eventTable.read(eventsPath(folder, run))));
  const presented = await presentUnloaded(events.flat(), model);
  checkMemory(memoryForecast(stage, own.length, longestOf(presented), asked, description), there);
}

const longestOf = (presented: readonly PresentedPrompt[]) => Math.max(...presented.map(({ tokens }) => tokens.length));

/** Returns what a person is told of the run. */
async function recordOneRun(recording: RecordingRequest, extraction: Extraction): Promise<string> {
  const { folder, stage, plan, store, ahead } = extraction;
  const { run, key, parameters, inputs } = recording;
  const target = runFolder(folder, run, stage);
  const manifest = (stored: StoredRun) => ({ plan, parameters, inputs, ...stored });
  const whole = await wholeRun(target, { stage, plan, parameters, inputs }, folder.verified);
  if (whole) {
    // Whoever was killed, or had no room, after a run was whole may have left the store without it.
    const { stored, otherVersion } = whole;
    if (await store.put(key, stored, target)) await rememberOutputs(target, stored.outputs, folder.verified);
    if (otherVersion) await commitStage(folder, stage, target, manifest(stored));
    return `${run}: kept`;
  }
  // From here to the new manifest the folder is not a run; of what it held nothing is mixed with what comes.
  const stored = await store.take(key, target, () => emptyRun(target), folder.verified);
  if (stored) {
    await commitStage(folder, stage, target, manifest(stored));
    return ahead.has(key) ? recordedLine(run, stored) : `${run}: taken from the store`;
  }
  const recorded = await recordBatch(recording, target, extraction);
  // Before the digests are remembered: a second name in the store changes what the file system says of the files.
  await store.put(key, recorded, target);
  await commitStage(folder, stage, target, manifest(recorded));
  return recordedLine(run, recorded);
}

/** Records a run in its folder, and in the store those that fill its batches. */
async function recordBatch(request: RecordingRequest, target: string, extraction: Extraction): Promise<StoredRun> {
  const { folder, asked, signal, ahead } = extraction;
  const subject = await extraction.subject();
  await emptyRun(target);
  const room = request.mode === 'read' ? 0 : asked.newTokens;
  const presented = await presentPrompts(request.events, subject, room, { presentation: asked, signal });
  const own = { request, target, presented };
  return withCompanions(own, subject, extraction, async (companions) => {
    const free = await extraction.turn([own, ...companions].map((each) => each.request.run));
    try {
      signal.throwIfAborted();
      if (request.mode === 'read') return await recordReadRun(subject, own, asked, signal);
      const beside = { signal, pause: extraction.pause, onComputed: free };
      const { own: recorded, others } = await recordRuns(subject, own, companions, asked, beside);
      // All at once: beside a model that runs each answer of the file system comes late.
      const keep = async ({ request, place }: Companion, other: StoredRun | undefined) => {
        const entry = other && (await place.keep(other).catch(() => undefined));
        if (!entry) return;
        await rememberOutputs(entry, other.outputs, folder.verified);
        ahead.add(request.key);
      };
      await Promise.all(companions.map((companion, c) => keep(companion, others[c])));
      return recorded;
    } finally {
      free();
    }
  });
}

function recordedLine(run: string, { facts }: StoredRun): string {
  const { prompts, rows, afterEnd, units } = facts as Record<string, number>;
  const ended = afterEnd > 0 ? ` (${formatCount(afterEnd)} after the end of their text)` : '';
  return `${run}: ${formatCount(prompts)} prompts, ${formatCount(rows)} tokens${ended}, ${formatCount(units)} units`;
}
