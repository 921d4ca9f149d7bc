import { join } from 'node:path';
import {
  type ActivationReader,
  type Event,
  eventTable,
  openActivationFile,
  readUnits,
  type Token,
  tokenTable,
  withClaims,
} from '@galvani/artifact';
import { loadSubject, type Site, type Subject } from '@galvani/model';
import {
  eventsPath,
  openRecordedRuns,
  type Recorded,
  type RecordedRun,
  readParameters,
  type StudyFolder,
  tokensPath,
} from '@galvani/study';
import { encodePrompts, machinery, type OpenModel, openModel, storeFolder, studySampling } from '@galvani/subject';
import { didYouMean, Failure, startProgress, UserMistake } from '@galvani/terminal';
import { chosenSites, patternOf, requireUnits } from './chosen-sites.js';
import { generateRun, type RowSink, readRun } from './presented-run.js';
import { type RecordingParameters, recordingParameters } from './recording-parameters.js';
import { createReplay, keptReplay, type ReplayIdentity, type ReplayWriter, replayPath } from './replay-file.js';
import { sameProbabilities, tokenDifference } from './token-check.js';

export interface ReplayRequest {
  /** Of a study whose runs are recorded. */
  folder: StudyFolder;
  /** Workspace, absolute. */
  root: string;
  /** Names of sites, of those that were recorded or of others. */
  sites: readonly string[];
  /** Units that each of the sites has to have. Default: none. */
  units?: readonly number[];
  /** Names of runs. Default: all of the study. */
  runs?: readonly string[];
  signal?: AbortSignal;
}

/** A run that was played again for some sites. */
export interface ReplayedRun {
  run: string;
  /** Prompts in order. */
  events: Event[];
  /** Rows of tokens.parquet, which those of the sites stand beside. */
  tokens: Token[];
  /** In the model's order. */
  sites: Site[];
  recording: RecordingParameters;
  /** Whether nothing had to be run: an earlier replay's rows are still there. */
  kept: boolean;
  /** Whether the log probability of every token was the recorded one, bit for bit. Undefined where rows are no single tokens. */
  sameProbabilities?: boolean;
  /** A site's rows, in one column; whoever opens it closes it. */
  open(site: string): Promise<ActivationReader>;
  /** Some units of a site at every row: for each its values. */
  units(site: string, units: readonly number[]): Promise<Float32Array[]>;
}

/**
 * Plays recorded runs again with only some sites exposed: the same prompts, batches and sampling. The tokens have to be those that were
 * recorded; then the sites' rows are what was, or would have been, recorded of them. They are kept in `replay/<site>/<run>` of the
 * study, and not computed again as long as recording, model and code are the same.
 *
 * @throws UserMistake for a site, unit or run that does not exist; Failure where the study is not recorded as it is planned now, and where a
 * token differs, as on another kind of processor
 */
export async function replaySites(request: ReplayRequest): Promise<ReplayedRun[]> {
  const { folder, root, sites: names, units = [], runs, signal } = request;
  const all = (await readParameters(folder, 'runs')).map(({ name }) => name);
  const odd = runs?.find((run) => !all.includes(run));
  if (odd !== undefined)
    throw new UserMistake(`the study has no run '${odd}'.${didYouMean(odd, all)} Its runs are ${all.join(', ')}.`);
  const wanted = runs === undefined ? all : all.filter((run) => runs.includes(run));
  const asked = await readParameters(folder, 'extract');
  const recorded = await openRecordedRuns(folder, wanted, signal);
  const model = await openModel(asked.model, root, await storeFolder(root), signal);
  const found = recorded.map((own) => ({ own, recording: recordingParameters(own.run, own.manifest) }));
  const other = found.find(({ recording }) => recording.model.sha256 !== model.sha256);
  if (other)
    throw new Failure(`${other.own.run} was recorded of another model than there is now: run galvani extract again.`);
  const sites = await chosenSites(names, found[0]?.recording.sites ?? [], model.path);
  requireUnits(units, sites);
  let subject: Subject | undefined;
  const load = async () => (subject ??= await loadExposed(folder, asked, model, sites));
  try {
    const replayed: ReplayedRun[] = [];
    for (const { own, recording } of found) {
      signal?.throwIfAborted();
      replayed.push(await replayRun({ folder, asked, sites, load, signal }, own, recording));
    }
    return replayed;
  } finally {
    await subject?.release();
  }
}

/** Loads a study's model with some sites as outputs. */
async function loadExposed(
  { verified }: StudyFolder,
  { device, storage }: Recorded,
  model: OpenModel,
  sites: readonly Site[],
): Promise<Subject> {
  const include = sites.map(({ name }) => patternOf(name));
  const { digest } = model;
  return loadSubject(await model.files(verified), { sites: { include }, device, digest, half: storage === 'float16' });
}

interface Replay {
  folder: StudyFolder;
  asked: Recorded;
  sites: Site[];
  load(): Promise<Subject>;
  signal?: AbortSignal;
}

async function replayRun(replay: Replay, own: RecordedRun, recording: RecordingParameters): Promise<ReplayedRun> {
  const { folder, asked, sites } = replay;
  const { run, inputs } = own;
  const [events, tokens] = [
    await eventTable.read(eventsPath(folder, run)),
    await tokenTable.read(tokensPath(folder, run)),
  ];
  const made = await machinery();
  const identityOf = (site: Site): ReplayIdentity => ({
    parameters: { ...site, recording: recording.key, storage: asked.storage, ...made },
    inputs,
  });
  const look = async () => {
    const facts = await Promise.all(sites.map((site) => keptReplay(folder, site.name, run, identityOf(site))));
    const missing = sites.filter((_, s) => facts[s] === undefined);
    return { missing, same: facts.find((each) => each !== undefined)?.sameProbabilities as boolean | undefined };
  };
  const before = await look();
  const kept = before.missing.length === 0;
  const same = kept
    ? before.same
    : await withClaims(folder, { write: [`replay/${run}`] }, replay.signal, async (signal) => {
        // Another command may have played it meanwhile.
        const { missing, same } = await look();
        if (missing.length === 0) return same;
        return playRun({ ...replay, signal }, { run, events, tokens, recording }, missing, identityOf);
      });
  return {
    ...{ run, events, tokens, sites, recording },
    kept,
    ...(same !== undefined && { sameProbabilities: same }),
    open: (site) => openActivationFile(replayPath(folder, site, run)),
    units: (site, units) => readUnits(replayPath(folder, site, run), site, units),
  };
}

/** Plays one run, and keeps the rows of the sites that are missing. */
async function playRun(
  { folder, asked, load, signal }: Replay,
  { run, events, tokens, recording }: Pick<ReplayedRun, 'run' | 'events' | 'tokens' | 'recording'>,
  missing: readonly Site[],
  identityOf: (site: Site) => ReplayIdentity,
): Promise<boolean | undefined> {
  const subject = await load();
  const reading = asked.mode === 'read';
  const newTokens = reading ? 0 : asked.newTokens;
  const prompts = await encodePrompts(events, subject, newTokens, { signal });
  const writers = new Map<string, { writer: ReplayWriter; firstRows: number[] }>();
  const read = prompts.reduce((sum, { length }) => sum + length, 0);
  const progress = startProgress(`replay ${run}`, reading ? read : prompts.length * newTokens, 'tokens');
  const told = { signal, onTokens: (count: number) => progress.advance(count) };
  const sink: RowSink = async (site, firstRow, rows, values) => {
    const to = writers.get(subject.sites[site].name);
    if (!to) return;
    to.firstRows.push(firstRow);
    await to.writer.append(rows, [values]);
  };
  try {
    for (const site of missing)
      writers.set(site.name, { writer: await createReplay(folder, site, run, asked.storage), firstRows: [] });
    const kept = reading ? asked.tokens : 'all';
    const keys = events.map(({ prompt_id }) => prompt_id);
    const { batch } = recording;
    const played = reading
      ? await readRun(subject, { texts: prompts, kept: asked.tokens, passagesOf: recording.sites }, sink, told)
      : await generateRun(subject, { prompts, keys, newTokens, sampling: studySampling(asked), batch }, sink, told);
    const difference = tokenDifference(run, events, tokens, played, { kept, tokenizer: subject.tokenizer });
    if (difference !== undefined)
      throw new Failure(
        `${difference}. The activations would belong to other texts, so nothing of them is kept. The run was recorded on another kind of processor or by other code. To record it here, delete ${join(folder.extract, run)} and run galvani extract with GALVANI_STORE naming an empty folder, since the store holds that recording too.`,
      );
    const same = kept === 'all' ? sameProbabilities(tokens, played) : undefined;
    for (const site of missing) {
      const { writer, firstRows } = writers.get(site.name)!;
      const facts = { rows: tokens.length, ...(same !== undefined && { sameProbabilities: same }) };
      await writer.finish(firstRows, identityOf(site), facts);
    }
    return same;
  } catch (error) {
    for (const { writer } of writers.values()) await writer.abandon();
    throw error;
  } finally {
    progress.finish();
  }
}
