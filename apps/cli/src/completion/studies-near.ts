import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** How deep folders are looked through below the one that is named: `pipelines/default` is two deep. */
const deepest = 2;
/** Folders that hold no study, and much else. */
const without = new Set(['node_modules', 'derivatives', 'data']);

/**
 * Folders with a study.yaml, at and below the folder that a path names so far.
 * @param partial a path as far as it is written, such as `pipelines/de`
 */
export function studiesNear(partial: string): string[] {
  const base = partial.slice(0, partial.lastIndexOf('/') + 1);
  const found: string[] = [];
  const look = (folder: string, depth: number) => {
    if (existsSync(join(folder || '.', 'study.yaml'))) found.push(folder.replace(/(?<=.)\/$/, '') || '.');
    if (depth === deepest) return;
    for (const name of namesOf(folder || '.')) look(`${folder}${name}/`, depth + 1);
  };
  look(base, 0);
  return found.sort();
}

function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !without.has(entry.name))
      .map(({ name }) => name);
  } catch {
    // What cannot be read has nothing to choose from.
    return [];
  }
}
