import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { requireWritableFolder, studyFolder } from '@galvani/artifact';
import { planStudy, readStudyFile, workspaceOf, writeSlices } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';

/** A study that has been checked and planned, as its stages want it. */
export interface PlannedStudy {
  name: string;
  /** Folder of its derivatives, absolute. */
  study: string;
  /** Workspace, absolute. */
  root: string;
  runs: string[];
}

/**
 * Finds the study that a person named, checks it and writes its slices, so that a stage that runs alone never works from a
 * stale plan.
 *
 * @param named a study.yaml or its folder
 * @param out folder for derivatives; default data/derivatives/<study> in the workspace
 */
export async function planNamed(named: string, out?: string): Promise<PlannedStudy> {
  if (out !== undefined) await requireWritableFolder(out);
  const found = await stat(named).catch(() => undefined);
  const path = found?.isDirectory() ? join(named, 'study.yaml') : named;
  const shown = relative(process.cwd(), resolve(path));
  const plan = await planStudy(await readStudyFile(shown.startsWith('..') ? path : shown));
  const root = workspaceOf(path);
  const study = resolve(out ?? join(root, 'data/derivatives', basename(dirname(resolve(path)))));
  await writeSlices(studyFolder(study), plan);
  return { name: plan.name, study, root, runs: plan.runs.map((run) => run.name) };
}

/** @throws UserMistake if the study has no run of that name */
export function checkRun({ runs }: PlannedStudy, run: string | undefined): void {
  if (run !== undefined && !runs.includes(run))
    throw new UserMistake(`the study has no run '${run}'; its runs are ${runs.join(', ')}.`);
}
