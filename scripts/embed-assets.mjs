/**
 * Puts the embedded model and prompt bank beside the code of @galvani/frog, as they are published: npm packs no file of another folder.
 * In the repository `data` alone has them.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../', import.meta.url));
const assets = join(home, 'packages/core/frog/assets');

rmSync(assets, { recursive: true, force: true });
for (const folder of ['models/frog', 'prompts'])
  cpSync(join(home, 'data', folder), join(assets, folder), { recursive: true });
