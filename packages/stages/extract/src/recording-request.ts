import { type Event, eventTable } from '@galvani/artifact';
import type { Sampling, SubjectDescription } from '@galvani/model';
import { eventsPath, type Recorded, type StudyFolder } from '@galvani/study';
import type { OpenModel } from '@galvani/subject';
import { recordingKey, studySampling } from '@galvani/subject';
import { type RunSize, runSize } from './recording/slab-size.js';

/** All about a run's recording that is known before the model is loaded. */
export interface RecordingRequest extends RunSize {
  run: string;
  events: Event[];
  mode: Recorded['mode'];
  tokens: Recorded['tokens'];
  templateTokens: Recorded['templateTokens'];
  template: Recorded['template'];
  system: Recorded['system'];
  sampling: Sampling;
  /** Of everything that decides the result's bytes. */
  key: string;
  /** For the manifest. */
  parameters: Record<string, unknown>;
  inputs: Record<string, string>;
}

/**
 * Reads a run's events and settles how it is recorded.
 *
 * @param read SHA-256 of the events of every run, `design/<run>.parquet`, and of the model's files, as they were found
 */
export async function recordingRequest(
  folder: StudyFolder,
  run: string,
  asked: Recorded,
  model: Pick<OpenModel, 'sha256' | 'digest'> & { description: SubjectDescription },
  read: Readonly<Record<string, string>>,
): Promise<RecordingRequest> {
  const {
    storage,
    mode,
    tokens,
    templateTokens,
    newTokens,
    stopAtEnd,
    device,
    batch: wanted,
    template,
    system,
  } = asked;
  const events = await eventTable.read(eventsPath(folder, run));
  const sites = model.description.sites.map(({ name, kind, width, layer }) => ({ site: name, kind, width, layer }));
  const units = model.description.unitsPerToken;
  const slabs = runSize({ prompts: events.length, newTokens, units, batch: wanted });
  const sampling = studySampling(asked);
  // What is read depends neither on how many tokens would be generated nor on how they would be chosen.
  const presented =
    mode === 'read'
      ? { mode, tokens, templateTokens, newTokens: 0, sampling: { method: 'greedy' as const }, batch: 1 }
      : { mode, newTokens, sampling, batch: slabs.batch, stopAtEnd };
  const { keep, moments, afterEnd } = asked;
  const kept = keep === 'prompts' ? { keep, moments, afterEnd } : undefined;
  const decisive = { sites, ...presented, template, system, ...kept, storage, device };
  const key = await recordingKey({ ...decisive, model: model.digest, events });
  return {
    ...slabs,
    run,
    events,
    mode,
    tokens,
    templateTokens,
    template,
    system,
    sampling,
    key,
    parameters: { ...decisive, model: { ...asked.model, sha256: model.sha256 }, key },
    inputs: inputsOf(run, read),
  };
}

/** The model's files and the run's own events. */
function inputsOf(run: string, read: Readonly<Record<string, string>>): Record<string, string> {
  const own = `design/${run}.parquet`;
  return Object.fromEntries(Object.entries(read).filter(([path]) => path === own || !isEvents(path)));
}

const isEvents = (path: string) => /^design\/[^/]+\.parquet$/.test(path);
