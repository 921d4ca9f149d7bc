import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { Failure, readWholeFileIfThere } from '@galvani/terminal';

/** The packages whose code decides what is recorded. */
export const recordingPackages = [
  'stages/extract',
  'core/subject',
  'core/code',
  'core/model',
  'core/onnx',
  'core/artifact',
  'core/numerics',
];

/** Told apart by the digest that the main thread gives them, threads need not know when the process began. */
const began = isMainThread ? performance.timeOrigin : Number.POSITIVE_INFINITY;

const builtAnew = () => new Failure('galvani was built anew while it started. Run the same command again.');

/** Read while the rest of the code is loaded: files that a build puts there after the process began are told. */
const known = compute().catch((error: NodeJS.ErrnoException) => {
  throw error.code === 'ENOENT' ? builtAnew() : error;
});
// What is wrong is said to who asks.
known.catch(() => undefined);

/**
 * SHA-256 over the code that records, as it runs (built, or the sources where those run): other code, other results.
 * @throws Failure if built files were replaced or removed while they were loaded
 */
export function codeDigest(): Promise<string> {
  return known;
}

async function compute(): Promise<string> {
  const own = import.meta.url;
  const built = own.endsWith('.js');
  const family = new URL('../../../', own);
  const read = async (path: string) => {
    if (built && (await stat(path)).ctimeMs > began) throw builtAnew();
    const code = await readWholeFileIfThere(path);
    if (!code) throw builtAnew();
    return code;
  };
  const files = recordingPackages.map(async (name) => {
    const folder = fileURLToPath(new URL(`${name}/${built ? 'dist' : 'src'}`, family));
    const own = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(built ? '.js' : '.ts'));
    // All at once: one after the other they take a fifth of a stage's start.
    return Promise.all(
      own
        .sort()
        .map(async (file) => ({ file: `${name}/${file.replaceAll('\\', '/')}`, code: await read(join(folder, file)) })),
    );
  });
  const hash = createHash('sha256');
  for (const { file, code } of (await Promise.all(files)).flat()) hash.update(`\n${file}\n`).update(code);
  return hash.digest('hex');
}
