import { join, resolve } from 'node:path';
import { recordedFile } from '@galvani/artifact';
import { type StageName, stageTable } from '@galvani/pipeline';
import type { PlannedParameters } from './stage-parameters.js';
import { cacheFolder } from './workspace.js';

/** Where a study's artifacts lie: `<derivatives>/<study>/<stage>/…`; a folder for each stage. */
export interface StudyFolder extends Record<StageName, string> {
  root: string;
  /** The workspace, that files outside the study are named relative to; undefined where nobody said. */
  workspace?: string;
  /** Where it is remembered which files were verified: outside the study, whose bytes depend on its inputs alone. */
  verified?: string;
  /** What stages are told, where the plan that lies there cannot be read (`readableStudy`), or none can be written. */
  planned?: PlannedParameters;
}

/**
 * @param root `<derivatives>/<study>`
 * @param workspace without it nothing is remembered of what was verified
 */
export function studyFolder(root: string, workspace?: string): StudyFolder {
  const folders = Object.fromEntries(stageTable.map(({ name }) => [name, join(root, name)]));
  return {
    root,
    ...(folders as Record<StageName, string>),
    ...(workspace !== undefined && { workspace, verified: verifiedFolder(workspace) }),
  };
}

/** Where it is remembered which files were verified, of all studies of a workspace. */
export const verifiedFolder = (workspace: string) => resolve(cacheFolder(workspace), 'verified');

/** `design/<run>.parquet` */
export const eventsPath = (folder: StudyFolder, run: string) => join(folder.design, `${run}.parquet`);
/** A stage that records a model run by run. */
export type RecordingStage = 'extract' | 'twin';

/** `extract/<run>`, or that of another recording. */
export const runFolder = (folder: StudyFolder, run: string, stage: RecordingStage = 'extract') =>
  join(folder[stage], run);
/** `extract/<run>/tokens.parquet`, or that of another recording. */
export const tokensPath = (folder: StudyFolder, run: string, stage?: RecordingStage) =>
  join(runFolder(folder, run, stage), 'tokens.parquet');
/** `extract/<run>/activations.arrow`, or that of another recording. */
export const activationsPath = (folder: StudyFolder, run: string, stage?: RecordingStage) =>
  join(runFolder(folder, run, stage), recordedFile('tokens'));
/** `glm/<map>/<layer>.arrow` */
export const mapPath = (folder: StudyFolder, map: string, layer: string) => join(folder.glm, map, `${layer}.arrow`);
/** `calibrate/calibration.parquet` */
export const calibrationPath = (folder: StudyFolder) => join(folder.calibrate, 'calibration.parquet');
