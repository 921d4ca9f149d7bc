import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyWorkspace } from '../test/copied-workspace.mjs';

const home = fileURLToPath(new URL('../', import.meta.url));
export const derivatives = 'data/derivatives/default';

/** A copy of the workspace, with what is built, the embedded model and prompts, and this study as the default one. */
export function studyWorkspace(study) {
  const root = copyWorkspace();
  for (const data of ['data/models/frog', 'data/prompts'])
    cpSync(join(home, data), join(root, data), { recursive: true });
  mkdirSync(join(root, 'pipelines'));
  cpSync(dirname(study), join(root, 'pipelines/default'), { recursive: true });
  return root;
}
