import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  damagedOutputs,
  type Manifest,
  manifestName,
  readManifest,
  rememberOutputs,
  sweepPartial,
  withClaims,
} from '@galvani/artifact';
import { cannotGenerate, describeSubject, loadSubject, openModelTokenizer, type Subject } from '@galvani/model';
import {
  commitStage,
  openUpstream,
  readParameters,
  runFolder,
  type StageParameters,
  type StudyFolder,
  studyFolder,
  type Upstream,
} from '@galvani/study';
import { didYouMean, formatCount, type StageArguments, say, UserMistake, warn } from '@galvani/terminal';
import { checkSubject, subjectWarnings } from './checked-subject.js';
import { checkForecast, freeBytes } from './disk-forecast.js';
import { locateModel, modelInputs } from './model-source.js';
import { encodePrompts } from './prompts.js';
import { recordRun, rowsOf } from './record-run.js';
import { type RecordingRequest, recordingRequest } from './recording-request.js';
import type { StoredRun } from './store/entry.js';
import { modelDigest } from './store/model-digest.js';
import { openStore, type Store } from './store/store.js';
import { storeFolder } from './store/store-folder.js';

/** A study's extraction under way. */
interface Extraction {
  folder: StudyFolder;
  plan: Upstream['plan'];
  asked: StageParameters['extract'];
  store: Store;
  signal: AbortSignal;
  /** Loads the model, once, after a look at the disk. */
  subject(): Promise<Subject>;
}

/**
 * The extract stage: plan/extract.json and design/<run>.parquet -> extract/<run>/<layer>.arrow, tokens.parquet and, last,
 * manifest.json; for one run, or for all that plan/runs.json lists. A run that is there and whole is kept, one that was
 * recorded before is taken from the store, and only what remains is recorded.
 * @throws UserMistake for an unknown run, site pattern or model, or a prompt that is too long; Failure for a disk that is or
 * becomes too small, or a model whose recording is not what it computes; Interrupted on Ctrl-C. A run is there whole or not
 * at all, and the same command goes on from the last whole run.
 */
export async function extractStage(args: StageArguments): Promise<void> {
  const folder = studyFolder(args.study, args.root);
  const store = openStore(await storeFolder(args.root), warn);
  const asked = await readParameters(folder, 'extract');
  const names = (await readParameters(folder, 'runs')).map((run) => run.name);
  if (args.run !== undefined && !names.includes(args.run))
    throw new UserMistake(
      `there is no run '${args.run}' in this study.${didYouMean(args.run, names)} plan/runs.json lists its ${names.length} runs.`,
    );
  const upstream = await openUpstream(folder, 'extract', args.signal);
  const path = await locateModel(asked.model, args.root, args.signal);
  const description = await describeSubject(path, asked.sites);
  if (description.readOnly && asked.mode === 'generate')
    throw new UserMistake(cannotGenerate(description.name, description.readOnly));
  const digest = await modelDigest(path, store.folder);
  const read = { ...upstream.inputs, ...(await modelInputs(asked.model, path, folder)) };

  let loaded: Subject | undefined;
  try {
    for (const name of args.run === undefined ? names : [args.run]) {
      args.signal.throwIfAborted();
      const request = await recordingRequest(folder, name, asked, { digest, description }, read);
      const subject = async () => {
        if (loaded) return loaded;
        const runs = await countMissing(folder, names);
        const room = asked.mode === 'read' ? 0 : asked.newTokens;
        const { contextLength } = description;
        const tokenizer = await openModelTokenizer(path);
        args.signal.throwIfAborted();
        const named = { tokenizer, contextLength, name: description.name };
        const prompts = await encodePrompts(request.events, named, room, { signal: args.signal });
        const rows = rowsOf(prompts, asked.mode, asked.newTokens);
        const { unitsPerToken: units, sites } = description;
        const size = { runs, rows, units, sites: sites.length, storage: asked.storage };
        checkForecast(size, await freeBytes(folder.extract), folder.extract);
        loaded = await loadSubject(path, {
          sites: asked.sites,
          device: asked.device,
          digest,
          half: asked.storage === 'float16',
        });
        for (const warning of subjectWarnings(loaded)) warn(warning);
        await checkSubject(path, loaded, prompts, { sites: asked.sites, device: asked.device }, store.folder);
        return loaded;
      };
      await withClaims(folder, { write: [`extract/${name}`] }, args.signal, (signal) =>
        extractRun(request, { folder, plan: upstream.plan, asked, store, signal, subject }),
      );
    }
  } finally {
    await loaded?.release();
  }
}

/** Runs without a manifest: those that still take space. */
async function countMissing(folder: StudyFolder, names: readonly string[]): Promise<number> {
  const whole = await Promise.all(
    names.map(async (name) =>
      (await readdir(runFolder(folder, name)).catch((): string[] => [])).includes(manifestName),
    ),
  );
  return Math.max(1, whole.filter((there) => !there).length);
}

async function extractRun(recording: RecordingRequest, extraction: Extraction): Promise<void> {
  const { folder, plan, asked, store, signal, subject } = extraction;
  const { run, key, parameters, inputs } = recording;
  const target = runFolder(folder, run);
  const manifest = (stored: StoredRun) => ({ plan, parameters, inputs, ...stored });
  const whole = await wholeRun(target, { stage: 'extract', plan, parameters, inputs }, folder.verified);
  if (whole) {
    // Whoever was killed, or had no room, after a run was whole may have left the store without it.
    if (await store.put(key, whole, target)) await rememberOutputs(target, whole.outputs, folder.verified);
    say(`${run}: kept`);
    return;
  }
  // From here to the new manifest the folder is not a run; of what it held nothing is mixed with what comes.
  const stored = await store.take(key, target, () => empty(target));
  if (stored) {
    await commitStage(folder, 'extract', target, manifest(stored));
    say(`${run}: taken from the store`);
    return;
  }
  const ready = await subject();
  await empty(target);
  const recorded = await recordRun(ready, recording, asked, target, signal);
  // Before the digests are remembered: a second name in the store changes what the file system says of the files.
  await store.put(key, recorded, target);
  await commitStage(folder, 'extract', target, manifest(recorded));
  const { prompts, rows, afterEnd, units } = recorded.facts as Record<string, number>;
  const ended = afterEnd > 0 ? ` (${formatCount(afterEnd)} after the end of their text)` : '';
  say(`${run}: ${formatCount(prompts)} prompts, ${formatCount(rows)} tokens${ended}, ${formatCount(units)} units`);
}

/** What a folder holds if that is what this request would record: the same request in its manifest, and every file as written. */
async function wholeRun(
  target: string,
  wanted: Pick<Manifest, 'stage' | 'plan' | 'parameters' | 'inputs'>,
  memory: string | undefined,
): Promise<StoredRun | undefined> {
  const found = await readManifest(target).catch(() => undefined);
  if (!found) return undefined;
  const { stage, plan, parameters, inputs, outputs, facts } = found;
  if (canonicalJson({ stage, plan, parameters, inputs }) !== canonicalJson(wanted)) return undefined;
  return (await damagedOutputs(target, found, { memory })).length === 0 ? { outputs, facts } : undefined;
}

/** Removes what an earlier extraction left, the manifest first. */
async function empty(target: string): Promise<void> {
  await rm(join(target, manifestName), { force: true });
  await sweepPartial(target);
  await rm(target, { recursive: true, force: true });
}
