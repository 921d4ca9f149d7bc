import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestName } from '@galvani/artifact';
import { UserMistake } from '@galvani/terminal';
import { stages } from './stage-plan.js';
import type { StudyFolder } from './study-folder.js';

/**
 * A stage empties its folder before it writes, so that none may be somebody's own. Where a study was planned its folders are.
 * @throws UserMistake for a folder with a stage's name and other files, before anything is written
 */
export async function requireOwnFolders(folder: StudyFolder): Promise<void> {
  // The manifest is away while another plan is written.
  if ([manifestName, 'runs.json'].some((name) => existsSync(join(folder.plan, name)))) return;
  for (const stage of stages) {
    const all = await readdir(folder[stage]).catch((): string[] => []);
    // Such as file managers leave.
    const names = all.filter((name) => !name.startsWith('.'));
    const manifests = [folder[stage], ...names.map((name) => join(folder[stage], name))];
    const isOwn = manifests.some((path) => existsSync(join(path, manifestName)));
    if (names.length > 0 && !isOwn)
      throw new UserMistake(
        `${folder[stage]} holds ${names[0]}, which no stage of galvani wrote, and the ${stage} stage would empty it: name another folder for derivatives with --out, or move these files away.`,
      );
  }
}
