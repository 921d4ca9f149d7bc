import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { Failure, readJsonFile, readWholeFileIfThere } from '@galvani/terminal';

/** The packages whose code decides what is recorded. */
export const recordingPackages = ['extract', 'subject', 'code', 'model', 'onnx', 'artifact', 'numerics'].map(
  (name) => `@galvani/${name}`,
);

const own = import.meta.url;
const built = own.endsWith('.js');
const require = createRequire(own);

/** Told apart by the digest that the main thread gives them, threads need not know when the process began. */
const began = isMainThread ? performance.timeOrigin : Number.POSITIVE_INFINITY;

const builtAnew = () => new Failure('galvani was built anew while it started. Run the same command again.');

/** Read while the rest of the code is loaded: files that a build puts there after the process began are told. */
const known = digestOf(recordingPackages);
// What is wrong is said to who asks.
known.catch(() => undefined);

/**
 * SHA-256 over the code that records, as it runs (built, or the sources where those run): other code, other results.
 * @throws Failure if built files were replaced or removed while they were loaded
 */
export function codeDigest(): Promise<string> {
  return known;
}

/**
 * The same over the code of a package and of all of galvani's that it uses.
 * @param name `@galvani/lesion`
 * @throws Failure if built files were replaced or removed since the process began
 */
export async function packageDigest(name: string): Promise<string> {
  const used = new Set([name]);
  for (const each of used)
    for (const below of await dependenciesOf(each)) if (below.startsWith('@galvani/')) used.add(below);
  return digestOf([...used].sort());
}

async function dependenciesOf(name: string): Promise<string[]> {
  const manifest = await readJsonFile(join(folderOf(name), 'package.json'));
  return Object.keys((manifest as { dependencies?: object }).dependencies ?? {});
}

/** Where a package lies: its entry is in `dist` or `src` there, in galvani's repository as where it is installed. */
function folderOf(name: string): string {
  return join(dirname(require.resolve(name)), '..');
}

async function digestOf(names: readonly string[]): Promise<string> {
  const files = await Promise.all(names.map(codeIn)).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' || error.code === 'MODULE_NOT_FOUND' ? builtAnew() : error;
  });
  const hash = createHash('sha256');
  for (const { file, code } of files.flat()) hash.update(`\n${file}\n`).update(code);
  return hash.digest('hex');
}

/** The files of a package as they run; of one that is not built, its sources. */
async function codeIn(name: string): Promise<{ file: string; code: Uint8Array }[]> {
  const filesIn = async (part: string, suffix: string) => {
    const folder = join(folderOf(name), part);
    const files = await readdir(folder, { recursive: true });
    return files.filter((file) => file.endsWith(suffix)).map((file) => ({ folder, file }));
  };
  const asRun = built ? await filesIn('dist', '.js') : await filesIn('src', '.ts');
  const found = asRun.length > 0 ? asRun : await filesIn('src', '.mjs');
  found.sort((a, b) => (a.file < b.file ? -1 : 1));
  // All at once: one after the other they take a fifth of a stage's start.
  return Promise.all(
    found.map(async ({ folder, file }) => ({
      file: `${name}/${file.replaceAll('\\', '/')}`,
      code: await readCode(join(folder, file)),
    })),
  );
}

async function readCode(path: string): Promise<Uint8Array> {
  if (built && (await stat(path)).ctimeMs > began) throw builtAnew();
  const code = await readWholeFileIfThere(path);
  if (!code) throw builtAnew();
  return code;
}
