import { join } from 'node:path';

/** Where a study's artifacts lie: `<derivatives>/<study>/<stage>/…`. */
export interface StudyFolder {
  root: string;
  plan: string;
  design: string;
  extract: string;
  glm: string;
  networks: string;
  decode: string;
  report: string;
}

export function studyFolder(root: string): StudyFolder {
  const stages = ['plan', 'design', 'extract', 'glm', 'networks', 'decode', 'report'] as const;
  const folders = Object.fromEntries(stages.map((stage) => [stage, join(root, stage)])) as Record<
    (typeof stages)[number],
    string
  >;
  return { root, ...folders };
}

/** `design/<run>.parquet` */
export const eventsPath = (folder: StudyFolder, run: string) => join(folder.design, `${run}.parquet`);
/** `extract/<run>` */
export const runFolder = (folder: StudyFolder, run: string) => join(folder.extract, run);
/** `extract/<run>/tokens.parquet` */
export const tokensPath = (folder: StudyFolder, run: string) => join(folder.extract, run, 'tokens.parquet');
/** `extract/<run>/<layer>.arrow` */
export const activationsPath = (folder: StudyFolder, run: string, layer: string) =>
  join(folder.extract, run, `${layer}.arrow`);
/** `glm/<map set>/<layer>.arrow` */
export const mapPath = (folder: StudyFolder, mapSet: string, layer: string) =>
  join(folder.glm, mapSet, `${layer}.arrow`);
/** `calibrate/calibration.parquet`: outside `glm`, which each fit empties */
export const calibrationPath = (folder: StudyFolder) => join(folder.root, 'calibrate', 'calibration.parquet');
