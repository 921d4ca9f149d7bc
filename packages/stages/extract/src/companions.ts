import { withFreeClaims } from '@galvani/artifact';
import { freeBytes, recordingBytes } from '@galvani/forecast';
import type { Subject } from '@galvani/model';
import { type Recorded, type RecordingStage, runFolder, type StudyFolder } from '@galvani/study';
import { type Alone, batchesAgree, presentPrompts, type ReservedPlace, type Store } from '@galvani/subject';
import type { RecordingRequest } from './recording-request.js';
import { keptTokens, sizeOfRun } from './recording-rows.js';
import { filesOf, type RunToRecord } from './run-files.js';
import { seemsRecorded } from './run-on-disk.js';

/** Files that are written at a time, at most: each has a buffer, and a process may open some thousand. */
const mostFiles = 128;

/** Another run that is recorded in a run's batches, into the store, from where whoever wants it takes it. */
export interface Companion extends RunToRecord {
  place: ReservedPlace;
}

/** What is known of a study when a run of it is to be recorded. */
export interface Surroundings {
  folder: StudyFolder;
  stage: RecordingStage;
  plan: Record<string, unknown>;
  asked: Recorded;
  store: Store;
  signal: AbortSignal;
  /** Runs that come after the run, by name. */
  following: readonly string[];
  requestOf(run: string): Promise<RecordingRequest>;
  /** Waits until the model is free, which another batch may be computed with. */
  alone: Alone;
}

/**
 * Does `work` with those of the following runs that can fill a run's batches: whole runs, as many as its `together` says, which are
 * neither there nor in the store, and which no other command is at work on. There are none where the store cannot be written,
 * where nothing is generated, and where a batch's size or other rows might change a run's bytes: with somebody else's graph, another
 * device, or a processor on which a trial shows it.
 */
export async function withCompanions<T>(
  own: RunToRecord,
  subject: Subject,
  surroundings: Surroundings,
  work: (companions: Companion[]) => Promise<T>,
): Promise<T> {
  const { folder, stage, asked, store, signal, alone } = surroundings;
  const { request, presented } = own;
  const roomy = request.together > presented.length && surroundings.following.length > 0;
  if (!roomy || request.mode === 'read' || asked.device !== 'cpu') return work([]);
  const wanted = await runsBeside(own, subject, surroundings);
  if (wanted.length === 0) return work([]);
  const parts = new Map(wanted.map((each) => [`${stage}/${each.request.run}`, each]));
  const placed = async (free: readonly Omit<RunToRecord, 'target'>[]): Promise<Companion[]> => {
    if (!(await haveRoom(free, subject, asked, store.folder))) return [];
    const rows = free.reduce((sum, each) => sum + each.presented.length, presented.length);
    if (!(await batchesAgree(subject, presented.length, rows, store.folder, alone))) return [];
    const places = await Promise.all(free.map(({ request }) => store.reserve(request.key)));
    return free.flatMap(({ request, presented }, f): Companion[] => {
      const place = places[f];
      return place ? [{ request, presented, place, target: place.folder }] : [];
    });
  };
  return withFreeClaims(folder, [...parts.keys()], signal, async (claimed, giveBack) => {
    const companions = await placed(claimed.map((part) => parts.get(part)!));
    const held = companions.map(({ request }) => `${stage}/${request.run}`);
    // Whoever records another run, this process too, would wait for a batch that does not have it.
    giveBack(claimed.filter((part) => !held.includes(part)));
    try {
      return await work(companions);
    } finally {
      await Promise.all(companions.map(({ place }) => place.drop()));
    }
  });
}

/** The runs that fit beside a run, before it is asked who else is at work on them. */
async function runsBeside(
  own: RunToRecord,
  subject: Subject,
  { folder, stage, plan, asked, store, signal, following, requestOf }: Surroundings,
): Promise<Omit<RunToRecord, 'target'>[]> {
  const chosen: Omit<RunToRecord, 'target'>[] = [];
  const keys = new Set([own.request.key]);
  const most = Math.floor(mostFiles / filesOf(subject, asked).files.length) - 1;
  let together = own.request.together;
  let rows = own.presented.length;
  for (const run of following) {
    if (rows >= together || chosen.length >= most) break;
    signal.throwIfAborted();
    // What is wrong with another run is said when it is that run's turn.
    const request = await requestOf(run).catch(() => undefined);
    if (!request) continue;
    const least = Math.min(together, request.together);
    const count = request.events.length;
    if (request.batch < count || rows + count > least || keys.has(request.key)) continue;
    const { parameters, inputs } = request;
    const there = await Promise.all([
      seemsRecorded(runFolder(folder, run, stage), { stage, plan, parameters, inputs }),
      store.has(request.key),
    ]);
    if (there.includes(true)) continue;
    const presented = await presentPrompts(request.events, subject, asked.newTokens, {
      presentation: asked,
      signal,
    }).catch(() => undefined);
    signal.throwIfAborted();
    if (!presented) continue;
    chosen.push({ request, presented });
    keys.add(request.key);
    together = least;
    rows += count;
  }
  return chosen;
}

/** Whether the store's disk has room for these runs and as much again, which is left to others. */
async function haveRoom(
  runs: readonly Pick<RunToRecord, 'presented'>[],
  { sites }: Subject,
  asked: Recorded,
  store: string,
): Promise<boolean> {
  const units = sites.reduce((sum, { width }) => sum + width, 0);
  const { tokens, rows } = sizeOfRun(
    runs.flatMap(({ presented }) => keptTokens(presented, asked)),
    asked,
  );
  const size = { runs: 2, tokens, rows, units, sites: sites.length * runs.length, storage: asked.storage };
  const free = await freeBytes(store).catch(() => 0);
  return recordingBytes(size) <= free;
}
