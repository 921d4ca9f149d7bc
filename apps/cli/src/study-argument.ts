import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { requireWritableFolder } from '@galvani/artifact';
import {
  derivativesOf,
  isPlanned,
  planStudy,
  readStudyFile,
  requireOwnFolders,
  type StudyFolder,
  studyFolder,
  withPlan,
  workspaceOf,
} from '@galvani/study';
import { detail, UserMistake, whyUnwritable } from '@galvani/terminal';

/** Where derivatives lie unless an option says so (`derivativesOf`), as help says it. */
export const derivativesDefault =
  'default: `derivatives` beside study.yaml, or data/derivatives/<study> in a workspace of Nx';

/** A study that has been checked and planned, as its stages want it. */
export interface StudyToRun {
  name: string;
  /** Folder of its derivatives, absolute. */
  study: string;
  /** The same, with what stages are told where no plan could be written. */
  folder: StudyFolder;
  /** Why none could be written, such as 'the disk is full'. */
  unwritable?: string;
  /** Workspace, absolute. */
  root: string;
  runs: string[];
}

/** Where the study is that a person named, and where its derivatives are. */
export interface FoundStudy {
  /** study.yaml, as it is shown to the person. */
  path: string;
  /** Workspace, absolute. */
  root: string;
  /** Absolute. */
  derivatives: string;
}

/**
 * @param named a study.yaml or its folder
 * @param out folder for derivatives; default that of `derivativesOf`
 * @throws UserMistake where there is nothing of that name
 */
export async function findStudy(named: string, out?: string): Promise<FoundStudy> {
  const found = await stat(named).catch(() => undefined);
  // The folder around a name that is nobody's may be a study.
  if (!found && out === undefined) throw new UserMistake(`there is no study at ${named}.`);
  const path = found?.isDirectory() ? join(named, 'study.yaml') : named;
  const shown = relative(process.cwd(), resolve(path));
  const root = workspaceOf(path);
  return {
    path: shown.startsWith('..') ? path : shown,
    root,
    derivatives: resolve(out ?? derivativesOf(path)),
  };
}

/**
 * Finds the study that a person named, checks it and writes its stages' parameters, so that a stage that runs alone never works from a
 * stale plan; then does `work`, during which no other command changes them. `named` and `out` as for `findStudy`.
 *
 * @param options.whereUnwritable whether `work` is done with a plan in memory, too, where nothing can be written
 * @param options.option what a person gives `out` with
 */
export async function withStudy<T>(
  named: string,
  out: string | undefined,
  signal: AbortSignal,
  work: (planned: StudyToRun, signal: AbortSignal) => Promise<T>,
  { whereUnwritable = false, option = '--out' } = {},
): Promise<T> {
  const { path, root, derivatives } = await findStudy(named, out);
  detail(`study ${path}, derivatives in ${derivatives}`);
  const plan = await planStudy(await readStudyFile(path));
  const folder = studyFolder(derivatives, root);
  const planned = { name: plan.name, study: derivatives, folder, root, runs: plan.runs.map((run) => run.name) };
  await requireOwnFolders(folder);
  // Of a study that is planned already, what only reads it needs no more.
  if (out !== undefined && !(await isPlanned(folder, plan)))
    await requireWritableFolder(out, option).catch((error) => {
      if (!whereUnwritable || whyUnwritable(error) === undefined) throw error;
    });
  let began = false;
  try {
    return await withPlan(folder, plan, signal, (both) => {
      began = true;
      return work(planned, both);
    });
  } catch (error) {
    const unwritable = began || !whereUnwritable ? undefined : whyUnwritable(error);
    if (unwritable === undefined) throw error;
    return work({ ...planned, folder: { ...folder, planned: plan.parameters }, unwritable }, signal);
  }
}

/** The same for a command that is given the folder with `--derivatives`, since `--out` is where it writes. */
export const withStudyIn = <T>(
  named: string,
  derivatives: string | undefined,
  signal: AbortSignal,
  work: (planned: StudyToRun, signal: AbortSignal) => Promise<T>,
): Promise<T> => withStudy(named, derivatives, signal, work, { option: '--derivatives' });

/** @throws UserMistake if the study has no run of that name */
export function checkRun({ runs }: StudyToRun, run: string | undefined): void {
  if (run !== undefined && !runs.includes(run))
    throw new UserMistake(`the study has no run '${run}'; its runs are ${runs.join(', ')}.`);
}
