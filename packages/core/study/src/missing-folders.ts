import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { manifestName } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import { foldersOf, type Stage, stages, stagesRead } from './stage-plan.js';
import type { StudyFolder } from './study-folder.js';

/** A stage's folder that is not whole, though it should be. */
export interface MissingFolder {
  stage: Stage;
  /** `networks`, `extract/<run>` */
  name: string;
  /** Why it should be: it has files, other runs are there, or a later stage is that was made from it. */
  because: 'files' | 'runs' | Stage;
  /** `has files but no manifest.json: …` */
  problem: string;
}

/**
 * Folders without a manifest that a stage was stopped in or that were lost: those with files, runs where others of the stage are
 * whole, and what a later stage that is there was made from. A stage that never ran, and nothing after it, is none.
 *
 * @param found the folders with a manifest, of all stages
 */
export async function missingFolders(
  folder: StudyFolder,
  found: readonly { stage: Stage | 'plan'; name: string }[],
): Promise<MissingFolder[]> {
  const missing: MissingFolder[] = [];
  for (const stage of stages) {
    const all = await foldersOf(folder, stage);
    const whole = all.filter(({ name }) => found.some((own) => own.name === name)).length;
    const later = stages.find(
      (each) => stagesRead(each).includes(stage) && !stageRow(each).partial && found.some((own) => own.stage === each),
    );
    // What was measured by hand need not be there.
    const needed = stageRow(stage).byHand ? undefined : whole > 0 ? 'runs' : later;
    for (const { name, path } of all) {
      if (found.some((own) => own.name === name)) continue;
      const tell = (because: MissingFolder['because'], problem: string) =>
        missing.push({ stage, name, because, problem });
      if ((await filesIn(path)).length > 0)
        tell(
          'files',
          `has files but no ${manifestName}: its stage was stopped before its end, or the manifest is lost`,
        );
      else if (needed === 'runs') tell(needed, `is missing: ${whole} of ${all.length} runs are there`);
      else if (needed !== undefined) tell(needed, `is missing, and ${needed} was made from it`);
    }
  }
  return missing;
}

/** Files in a folder and below it, with forward slashes; none where there is no folder. What is being written begins with a dot. */
export async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.split('/').some((part) => part.startsWith('.')))
    .sort();
}
