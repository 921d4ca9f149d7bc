import { readdir } from 'node:fs/promises';
import { manifestName, rememberOutputs, withClaims } from '@galvani/artifact';
import { cannotGenerate, describeSubject, loadSubject, openModelTokenizer, type Subject } from '@galvani/model';
import {
  commitStage,
  openUpstream,
  type Recorded,
  type RecordingStage,
  runFolder,
  type StudyFolder,
  studyFolder,
  type Upstream,
} from '@galvani/study';
import type { StoredRun } from '@galvani/subject';
import {
  encodePrompts,
  loadChecked,
  modelInputs,
  openModel,
  openStore,
  type Store,
  storeFolder,
  subjectWarnings,
} from '@galvani/subject';
import { formatCount, type StageArguments, say, UserMistake, warn } from '@galvani/terminal';
import { checkForecast, freeBytes } from './disk-forecast.js';
import { recordRun, rowsOf } from './record-run.js';
import { type RecordingRequest, recordingRequest } from './recording-request.js';
import { emptyRun, wholeRun } from './run-on-disk.js';
import { runsToRecord } from './runs-to-record.js';

/** A study's recording under way. */
interface Extraction {
  folder: StudyFolder;
  stage: RecordingStage;
  plan: Upstream['plan'];
  asked: Recorded;
  store: Store;
  signal: AbortSignal;
  /** Loads the model, once, after a look at the disk. */
  subject(): Promise<Subject>;
}

/**
 * Records a model's runs: plan and design/<run>.parquet -> <stage>/<run>/<layer>.arrow, tokens.parquet and, last,
 * manifest.json; of one run, or of all that plan/runs.json lists. A run that is there and whole is kept, one that was
 * recorded before is taken from the store, and only what remains is recorded.
 *
 * @param asked the model and how it is recorded
 * @throws UserMistake for an unknown run, site pattern or model, or a prompt that is too long; Failure for a disk that is or
 * becomes too small, or a model whose recording is not what it computes; Interrupted on Ctrl-C. A run is there whole or not
 * at all, and the same command goes on from the last whole run.
 */
export async function recordStudy(args: StageArguments, stage: RecordingStage, asked: Recorded): Promise<void> {
  const folder = studyFolder(args.study, args.root);
  const store = openStore(await storeFolder(args.root), warn);
  const names = await runsToRecord(folder, args.run);
  const upstream = await openUpstream(folder, stage, args.signal);
  const model = await openModel(asked.model, args.root, store.folder, args.signal);
  // A twin has its original's sites and tokenizer.
  const { path } = model;
  const description = await describeSubject(path, asked.sites);
  if (description.readOnly && asked.mode === 'generate')
    throw new UserMistake(cannotGenerate(description.name, description.readOnly));
  const read = { ...upstream.inputs, ...(await modelInputs(asked.model, path, folder)) };

  let loaded: Subject | undefined;
  try {
    for (const name of names.wanted) {
      args.signal.throwIfAborted();
      const request = await recordingRequest(folder, name, asked, { ...model, description }, read);
      const subject = async () => {
        if (loaded) return loaded;
        const runs = await countMissing(folder, stage, names.all);
        const room = asked.mode === 'read' ? 0 : asked.newTokens;
        const { contextLength } = description;
        const tokenizer = await openModelTokenizer(path);
        args.signal.throwIfAborted();
        const named = { tokenizer, contextLength, name: description.name };
        const prompts = await encodePrompts(request.events, named, room, { signal: args.signal });
        const rows = rowsOf(prompts, asked);
        const { unitsPerToken: units, sites } = description;
        const size = { runs, rows, units, sites: sites.length, storage: asked.storage };
        checkForecast(size, await freeBytes(folder[stage]), folder[stage]);
        const own = await model.files(folder.verified);
        const options = { sites: asked.sites, device: asked.device };
        const { digest } = model;
        const load = () => loadSubject(own, { ...options, digest, half: asked.storage === 'float16' });
        loaded = await loadChecked(own, load, { ...description, digest }, prompts, options, store.folder);
        for (const warning of subjectWarnings(loaded)) warn(warning);
        return loaded;
      };
      await withClaims(folder, { write: [`${stage}/${name}`] }, args.signal, (signal) =>
        recordOneRun(request, { folder, stage, plan: upstream.plan, asked, store, signal, subject }),
      );
    }
  } finally {
    await loaded?.release();
  }
}

/** Runs without a manifest: those that still take space. */
async function countMissing(folder: StudyFolder, stage: RecordingStage, names: readonly string[]): Promise<number> {
  const whole = await Promise.all(
    names.map(async (name) =>
      (await readdir(runFolder(folder, name, stage)).catch((): string[] => [])).includes(manifestName),
    ),
  );
  return Math.max(1, whole.filter((there) => !there).length);
}

async function recordOneRun(recording: RecordingRequest, extraction: Extraction): Promise<void> {
  const { folder, stage, plan, asked, store, signal, subject } = extraction;
  const { run, key, parameters, inputs } = recording;
  const target = runFolder(folder, run, stage);
  const manifest = (stored: StoredRun) => ({ plan, parameters, inputs, ...stored });
  const whole = await wholeRun(target, { stage, plan, parameters, inputs }, folder.verified);
  if (whole) {
    // Whoever was killed, or had no room, after a run was whole may have left the store without it.
    if (await store.put(key, whole, target)) await rememberOutputs(target, whole.outputs, folder.verified);
    say(`${run}: kept`);
    return;
  }
  // From here to the new manifest the folder is not a run; of what it held nothing is mixed with what comes.
  const stored = await store.take(key, target, () => emptyRun(target));
  if (stored) {
    await commitStage(folder, stage, target, manifest(stored));
    say(`${run}: taken from the store`);
    return;
  }
  const ready = await subject();
  await emptyRun(target);
  const recorded = await recordRun(ready, recording, asked, target, signal);
  // Before the digests are remembered: a second name in the store changes what the file system says of the files.
  await store.put(key, recorded, target);
  await commitStage(folder, stage, target, manifest(recorded));
  const { prompts, rows, afterEnd, units } = recorded.facts as Record<string, number>;
  const ended = afterEnd > 0 ? ` (${formatCount(afterEnd)} after the end of their text)` : '';
  say(`${run}: ${formatCount(prompts)} prompts, ${formatCount(rows)} tokens${ended}, ${formatCount(units)} units`);
}
