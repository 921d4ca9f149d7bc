import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaults } from '@galvani/pipeline';

/** The folder that galvani itself lies in: the embedded model and prompt bank are under it. */
export const galvaniRoot = fileURLToPath(new URL('../../../../', import.meta.url));

/** The embedded model. */
export const embeddedModel = join(galvaniRoot, defaults.model);
/** The embedded prompt bank. */
export const embeddedPrompts = join(galvaniRoot, defaults.prompts);

/** The nearest folder above `path` that holds nx.json, or else the study's own folder: stages' parameters name files relative to it. */
export function workspaceOf(studyPath: string): string {
  const own = dirname(resolve(studyPath));
  for (let folder = own; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (folder === dirname(folder)) return own;
  }
}

/** `path` as written into artifacts: relative to the workspace, with forward slashes on every system. */
export function portable(workspace: string, path: string): string {
  return relative(workspace, path).split(sep).join('/');
}
