import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const own = fileURLToPath(new URL('../', import.meta.url));
const repository = join(own, '../../../');
/** In galvani's repository they lie in `data`, and are put beside this package's code when it is published (scripts/embed-assets.mjs). */
const inRepository = existsSync(join(repository, 'packages/core/frog/package.json'));
const home = join(inRepository ? repository : own, inRepository ? 'data' : 'assets');

/** The folder of frog, the embedded model: config.json, weights, tokenizer. Absolute. */
export const embeddedModel: string = join(home, 'models/frog');
/** The embedded prompt bank, a CSV file. Absolute. */
export const embeddedPrompts: string = join(home, 'prompts/prompts.csv');

const prefix = '@galvani/frog/';

/**
 * What artifacts call an embedded file, wherever galvani is installed: `@galvani/frog/models/frog/config.json`.
 * @returns undefined for a file that is not embedded
 */
export function embeddedName(path: string): string | undefined {
  const inside = relative(home, path).split(sep).join('/');
  return /^(?:models\/frog|prompts)(?:\/|$)/.test(inside) ? prefix + inside : undefined;
}

/** Where the file of such a name lies, absolute; undefined for other names. */
export function embeddedFile(name: string): string | undefined {
  return name.startsWith(prefix) ? join(home, name.slice(prefix.length)) : undefined;
}
