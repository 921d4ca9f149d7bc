import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The packages whose code decides what is recorded. */
const packages = ['stages/extract', 'core/model', 'core/onnx', 'core/artifact', 'core/numerics'];

let known: Promise<string> | undefined;

/** SHA-256 over the code that records, as it runs (built, or the sources where those run): other code, other results. */
export function codeDigest(): Promise<string> {
  known ??= compute();
  return known;
}

async function compute(): Promise<string> {
  const own = import.meta.url;
  const built = own.endsWith('.js');
  const family = new URL('../../../../', own);
  const hash = createHash('sha256');
  for (const name of packages) {
    const folder = fileURLToPath(new URL(`${name}/${built ? 'dist' : 'src'}`, family));
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(built ? '.js' : '.ts'));
    for (const file of files.sort())
      hash.update(`\n${name}/${file.replaceAll('\\', '/')}\n`).update(await readFile(join(folder, file)));
  }
  return hash.digest('hex');
}
