import { leaveOutUncounted, readSessions } from '@galvani/identification';
import { openResults } from '@galvani/results';
import { readParameters, type StageParameters, studyFolder } from '@galvani/study';
import type { StageArguments } from '@galvani/terminal';
import type { Fold } from './fold.js';
import { prepareFolds } from './folds.js';
import { drawLabellings, type Labellings } from './labellings.js';

export type StudyArguments = Pick<StageArguments, 'study' | 'signal'> & { root?: string };

/** What identification is told. */
export interface Decoding {
  asked: StageParameters['decode'];
  networks: StageParameters['networks'];
  relabellings: number;
  variance: StageParameters['glm']['variance'];
  tasks: string[];
  /** Runs of each session. */
  sessions: StageParameters['runs'][];
  labellings: Labellings;
}

/** @throws UserMistake for a study that has nothing to identify: of one session, or of one task */
export async function readDecoding({ study, root }: StudyArguments): Promise<Decoding> {
  const folder = studyFolder(study, root);
  const [asked, networks, { relabellings, variance }, runs] = await Promise.all([
    readParameters(folder, 'decode'),
    readParameters(folder, 'networks'),
    readParameters(folder, 'glm'),
    readParameters(folder, 'runs'),
  ]);
  const tasks = [...new Set(runs.map(({ task }) => task))];
  const numbers = [...new Set(runs.map(({ session }) => session))];
  const sessions = numbers.map((session) => runs.filter((run) => run.session === session));
  const labellings = drawLabellings(tasks.length, sessions.length, asked.permutations, asked.seed);
  return { asked, networks, relabellings, variance, tasks, sessions, labellings };
}

/** What the stage's manifest says beside tables. */
export interface DecodingRecord {
  plan: Record<string, unknown>;
  parameters: Record<string, unknown>;
  inputs: Record<string, string>;
}

/** A study's recorded activity, from which folds are made. */
export interface RecordedDecoding {
  record: DecodingRecord;
  /** @param held places of the sessions that are held out */
  folds(held: readonly number[]): Promise<Fold[]>;
}

export async function readActivity(args: StudyArguments, decoding: Decoding): Promise<RecordedDecoding> {
  const { asked, networks, relabellings, variance, labellings } = decoding;
  const { study, root, signal } = args;
  const results = await openResults(studyFolder(study, root), 'decode', signal);
  const activity = await readSessions(results, 'decode: reading activity', signal);
  await leaveOutUncounted(activity.flat(), await results.recording(results.runs[0]), networks);
  const parameters = { ...asked, networks, relabellings, variance };
  return {
    record: { plan: results.plan, parameters, inputs: results.inputs },
    folds: (held) =>
      prepareFolds(activity, { networks, labellings, relabellings, variance, seed: asked.seed, held, signal }),
  };
}
