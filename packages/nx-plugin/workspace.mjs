import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The workspace that a folder lies in, as Nx finds it from where it was called. Nx tells a hasher of none.
 * @param {string} folder
 * @returns {string}
 */
export function workspaceOf(folder) {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, 'nx.json')) ? folder : workspaceOf(above);
}
