import { join } from 'node:path';
import { bytesOf, type Event, eventTable, type Storage, type Token, tokenTable, withClaims } from '@galvani/artifact';
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
import { machinery, type OpenModel, openModel, presentPrompts, storeFolder, studySampling } from '@galvani/subject';
import { advised, didYouMean, Failure, startProgress, UserMistake } from '@galvani/terminal';
import { type AskedSite, chosenSites, patternOf, sitesOfRun } from './chosen-sites.js';
import { generateRun, type RowSink, readRun } from './presented-run.js';
import { type RecordingParameters, recordingParameters } from './recording-parameters.js';
import {
  createReplay,
  type KeptReplay,
  keptReplay,
  type ReplayIdentity,
  type ReplayWriter,
  replayPath,
} from './replay-file.js';
import { replayPlace } from './replay-place.js';
import { mostColumns, replayedRows } from './replay-rows.js';
import { sameProbabilities, tokenDifference } from './token-check.js';

export interface ReplayRequest {
  /** Of a study whose runs are recorded. */
  folder: StudyFolder;
  /** Workspace, absolute. */
  root: string;
  /** Sites of those that were recorded, or others, and which units of them. */
  sites: readonly AskedSite[];
  /** Names of runs. Default: all of the study. */
  runs?: readonly string[];
  /**
   * Bytes of a run up to which a site is kept as a whole where units of it are asked for, since playing all costs no more and somebody may ask
   * for others. Default: 1 MB; with 0 nothing but the units is kept.
   */
  spare?: number;
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
  /** The units of a site that were asked for; undefined: all. */
  unitsOf(site: string): readonly number[] | undefined;
  /**
   * Units of a site at every row, [rows x units].
   * @param units of those that were asked for. Default: all of these
   */
  rows(site: string, units?: readonly number[]): Promise<Float32Array>;
}

/**
 * Plays recorded runs again with only some sites exposed: the same prompts, batches and sampling. The tokens have to be those that were
 * recorded; then the sites' rows are what was, or would have been, recorded of them. The units that were asked for are kept in
 * `replay/<site>/<run>` of the study, and not computed again as long as recording, model and code are the same; those that are asked for
 * later come beside them. Of a study that cannot be written they are kept while this process is there.
 *
 * @throws UserMistake for a site, unit or run that does not exist; Failure where the study is not recorded as it is planned now, and where a
 * token differs, as on another kind of processor
 */
export async function replaySites(request: ReplayRequest): Promise<ReplayedRun[]> {
  const { folder, root, sites: wantedSites, runs, spare = 1e6, signal } = request;
  const all = (await readParameters(folder, 'runs')).map(({ name }) => name);
  const named = [...(runs ?? []), ...wantedSites.flatMap((asked) => asked.runs ?? [])];
  const odd = named.find((run) => !all.includes(run));
  if (odd !== undefined)
    throw new UserMistake(`the study has no run '${odd}'.${didYouMean(odd, all)} Its runs are ${all.join(', ')}.`);
  const wanted = all.filter(
    (run) => (runs ?? all).includes(run) && wantedSites.some((asked) => (asked.runs ?? all).includes(run)),
  );
  const asked = await readParameters(folder, 'extract');
  const recorded = await openRecordedRuns(folder, wanted, signal);
  const model = await openModel(asked.model, root, await storeFolder(root), signal);
  const found = recorded.map((own) => ({ own, recording: recordingParameters(own.run, own.manifest) }));
  const other = found.find(({ recording }) => recording.model.sha256 !== model.sha256);
  if (other)
    throw new Failure(
      `${other.own.run} was recorded of another model than there is now: run ${advised('extract', 'extract')} again.`,
    );
  const sites = await chosenSites(wantedSites, found[0]?.recording.sites ?? [], model.path);
  let subject: Subject | undefined;
  const load = async () => (subject ??= await loadExposed(folder, asked, model, sites));
  try {
    const replayed: ReplayedRun[] = [];
    for (const { own, recording } of found) {
      signal?.throwIfAborted();
      const ofRun = sitesOfRun(own.run, wantedSites, sites);
      replayed.push(await replayRun({ folder, asked, sites: ofRun, spare, load, signal }, own, recording));
    }
    return replayed;
  } finally {
    await subject?.release();
  }
}

/** Loads a study's model with some sites as outputs. */
async function loadExposed(
  { verified }: StudyFolder,
  asked: Recorded,
  model: OpenModel,
  sites: readonly Site[],
): Promise<Subject> {
  const include = sites.map(({ name }) => patternOf(name));
  const { digest } = model;
  const half = storageOf(asked) === 'float16';
  return loadSubject(await model.files(verified), { sites: { include }, device: asked.device, digest, half });
}

/** How rows are kept: as recorded ones are. Of prompts means alone were rounded for the disk, and not what they are of. */
const storageOf = ({ keep, storage }: Recorded): Storage => (keep === 'prompts' ? 'float32' : storage);

interface Replay {
  folder: StudyFolder;
  asked: Recorded;
  /** Of this run, and which units of each; undefined: all. */
  sites: ReadonlyMap<Site, readonly number[] | undefined>;
  spare: number;
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
    parameters: { ...site, recording: recording.key, storage: storageOf(asked), ...made },
    inputs,
  });
  const rowBytes = tokens.length * bytesOf[storageOf(asked)];
  const look = async (place: StudyFolder) => {
    const kept = await Promise.all(
      [...sites.keys()].map((site) => keptReplay(place, site.name, run, identityOf(site))),
    );
    const missing = new Map<Site, readonly number[] | undefined>();
    for (const [s, [site, units]] of [...sites].entries())
      if (!holds(kept[s], units)) missing.set(site, toKeep(site, kept[s], units, Math.floor(replay.spare / rowBytes)));
    return { missing, same: kept.find((each) => each !== undefined)?.sameProbabilities };
  };
  const before = await look(folder);
  const kept = before.missing.size === 0;
  const place = kept ? folder : await replayPlace(folder);
  const same = kept
    ? before.same
    : await withClaims(place, { write: [`replay/${run}`] }, replay.signal, async (signal) => {
        // Another command may have played it meanwhile.
        const { missing, same } = await look(place);
        if (missing.size === 0) return same;
        return playRun({ ...replay, signal, place }, { run, events, tokens, recording }, missing, identityOf);
      });
  const unitsOf = (name: string) => [...sites].find(([site]) => site.name === name)?.[1];
  return {
    ...{ run, events, tokens, sites: [...sites.keys()], recording },
    kept,
    ...(same !== undefined && { sameProbabilities: same }),
    unitsOf,
    rows: (site, units = unitsOf(site)) => replayedRows(replayPath(place, site, run), site, units),
  };
}

/** Whether what is kept has the units. */
const holds = (kept: KeptReplay | undefined, units: readonly number[] | undefined): boolean =>
  kept !== undefined && (kept.units === undefined || !!units?.every((unit) => kept.units!.includes(unit)));

/** Units that a replay keeps, beside those that an earlier one kept; undefined: the whole site. @param spare units of it that may be spared */
function toKeep(
  { width }: Site,
  kept: KeptReplay | undefined,
  units: readonly number[] | undefined,
  spare: number,
): number[] | undefined {
  if (!units || width <= spare) return undefined;
  const all = [...new Set([...units, ...(kept?.units ?? [])])].sort((a, b) => a - b);
  return all.length > Math.min(mostColumns, width - 1) ? undefined : all;
}

/** Plays one run, and keeps the rows of the sites that are missing. */
async function playRun(
  { place, asked, load, signal }: Replay & { place: StudyFolder },
  { run, events, tokens, recording }: Pick<ReplayedRun, 'run' | 'events' | 'tokens' | 'recording'>,
  missing: ReadonlyMap<Site, readonly number[] | undefined>,
  identityOf: (site: Site) => ReplayIdentity,
): Promise<boolean | undefined> {
  const subject = await load();
  const reading = asked.mode === 'read';
  const newTokens = reading ? 0 : asked.newTokens;
  const presented = await presentPrompts(events, subject, newTokens, { presentation: asked, signal });
  const prompts = presented.map(({ tokens }) => tokens);
  const spans = asked.templateTokens === 'drop' ? presented : undefined;
  const writers = new Map<string, { writer: ReplayWriter; firstRows: number[] }>();
  const read = prompts.reduce((sum, { length }) => sum + length, 0);
  const progress = startProgress(`replay ${run}`, reading ? read : prompts.length * newTokens, 'tokens');
  const units = subject.sites.map(({ name }) => {
    const site = [...missing.keys()].find((each) => each.name === name);
    return site ? missing.get(site) : [];
  });
  const told = { units, signal, onTokens: (count: number) => progress.advance(count) };
  const sink: RowSink = async (site, firstRow, rows, values) => {
    const to = writers.get(subject.sites[site].name);
    if (!to) return;
    to.firstRows.push(firstRow);
    await to.writer.append(rows, values);
  };
  try {
    for (const [site, units] of missing)
      writers.set(site.name, { writer: await createReplay(place, site, run, storageOf(asked), units), firstRows: [] });
    const kept = reading ? asked.tokens : 'all';
    const keys = events.map(({ prompt_id }) => prompt_id);
    const { batch } = recording;
    const stopTokens = asked.stopAtEnd && subject.endTokens;
    const played = reading
      ? await readRun(subject, { texts: prompts, spans, kept: asked.tokens, passagesOf: recording.sites }, sink, told)
      : await generateRun(
          subject,
          { ...{ prompts, keys, newTokens, batch }, stopTokens, sampling: studySampling(asked) },
          sink,
          told,
        );
    const difference = tokenDifference(run, events, tokens, played, { kept, tokenizer: subject.tokenizer });
    if (difference !== undefined)
      throw new Failure(
        `${difference}. The activations would belong to other texts, so nothing of them is kept. The run was recorded on another kind of processor or by other code. To record it here, delete ${join(place.extract, run)} and run ${advised('extract', 'extract')} with GALVANI_STORE naming an empty folder, since the store holds that recording too.`,
      );
    const same = kept === 'all' ? sameProbabilities(tokens, played) : undefined;
    for (const site of missing.keys()) {
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
