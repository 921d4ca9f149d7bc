import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { Failure, readJsonFile, readWholeFileIfThere } from '@galvani/terminal';

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

const own = import.meta.url;
const built = own.endsWith('.js');
const families = new URL('../../../', own);

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
  const folders = new Map((await Promise.all(['core', 'stages'].map(packagesOf))).flat());
  const used = new Set([name]);
  for (const each of used)
    for (const below of await dependenciesOf(folders.get(each)!)) if (folders.has(below)) used.add(below);
  return digestOf([...used].map((each) => folders.get(each)!).sort());
}

/** Names of a family's packages, and their folders. */
async function packagesOf(family: string): Promise<[name: string, folder: string][]> {
  const names = await readdir(new URL(family, families));
  return names.map((name) => [`@galvani/${name}`, `${family}/${name}`]);
}

async function dependenciesOf(folder: string): Promise<string[]> {
  const manifest = await readJsonFile(fileURLToPath(new URL(`${folder}/package.json`, families)));
  return Object.keys((manifest as { dependencies?: object }).dependencies ?? {});
}

async function digestOf(folders: readonly string[]): Promise<string> {
  const files = await Promise.all(folders.map(codeIn)).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? builtAnew() : error;
  });
  const hash = createHash('sha256');
  for (const { file, code } of files.flat()) hash.update(`\n${file}\n`).update(code);
  return hash.digest('hex');
}

/** The files of a package as they run; of one that is not built, its sources. */
async function codeIn(name: string): Promise<{ file: string; code: Uint8Array }[]> {
  const filesIn = async (part: string, suffix: string) => {
    const folder = fileURLToPath(new URL(`${name}/${part}`, families));
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
