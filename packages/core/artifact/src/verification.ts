import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure, isSystemError, readJsonFileIfThere, UserMistake } from '@galvani/terminal';
import { writeFileWhole } from './atomic.js';
import { canonicalJson } from './canonical-json.js';
import { digestOf, digestOfFile, sha256 } from './checksum.js';
import type { Manifest } from './manifest.js';

/** A file that is not as its manifest says. */
export interface Damage {
  /** Relative to the manifest's folder. */
  file: string;
  /** `is missing`, `has 10 bytes instead of 12`, … */
  problem: string;
}

/**
 * Files whose content was found right, by name: the digest, and what the file system said of the file before it was read
 * (size, time of writing, time of change, inode). As long as that is the same, so is the content.
 */
type Memory = Record<string, { digest: string; state: string }>;

const stateOf = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats) => [size, mtimeNs, ctimeNs, ino].join(' ');

/** One small file for each verified folder. */
const memoryPath = (memory: string, folder: string) => join(memory, `${sha256(resolve(folder))}.json`);

/** What is not there or not readable is not known; nothing else comes of it than reading files again. */
async function recall(folder: string, memory: string | undefined): Promise<Memory> {
  if (memory === undefined) return {};
  try {
    const held = (await readJsonFileIfThere(memoryPath(memory, folder))) as { files?: Memory } | undefined;
    return held?.files ?? {};
  } catch {
    return {};
  }
}

async function remember(folder: string, memory: string | undefined, files: Memory): Promise<void> {
  if (memory === undefined) return;
  const text = canonicalJson({ folder: resolve(folder), files });
  // What is lost, or cannot be written, only costs time: a half is not JSON.
  await writeFileWhole(memoryPath(memory, folder), text, { durable: false }).catch(() => undefined);
}

/**
 * Remembers that a folder's files are as its manifest says, for the stage that computed their digests while it wrote them.
 *
 * @param memory folder of what is remembered; undefined: nowhere
 */
export async function rememberOutputs(
  folder: string,
  outputs: Manifest['outputs'],
  memory: string | undefined,
): Promise<void> {
  if (memory === undefined) return;
  const files: Memory = {};
  for (const { name, checksum, found } of await lookedAt(folder, outputs))
    if (found?.size === BigInt(checksum.bytes)) files[name] = { digest: digestOf(checksum), state: stateOf(found) };
  await remember(folder, memory, files);
}

/** Whether every listed file of a folder is remembered to be as listed, so that none needs to be read. */
export async function areRemembered(
  folder: string,
  { outputs }: Pick<Manifest, 'outputs'>,
  memory: string | undefined,
): Promise<boolean> {
  const known = await recall(folder, memory);
  return (await lookedAt(folder, outputs)).every(({ name, checksum, found }) => {
    if (found?.size !== BigInt(checksum.bytes)) return false;
    return known[name]?.state === stateOf(found) && known[name].digest === digestOf(checksum);
  });
}

/** The listed files with what the file system says of them, asked at once: beside a model that runs each answer comes late. */
function lookedAt(folder: string, outputs: Manifest['outputs']) {
  const found = Object.entries(outputs).map(async ([name, checksum]) => ({
    ...{ name, checksum },
    found: await stat(join(folder, name), { bigint: true }).catch(() => undefined),
  }));
  return Promise.all(found);
}

/**
 * SHA-256 of a file that no manifest lists, read only where it is not remembered.
 *
 * @param onBytes told of each piece that was read; what it throws ends the reading
 * @throws where it cannot be read
 */
export async function rememberedDigest(
  path: string,
  memory: string | undefined,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  const [folder, name] = [dirname(resolve(path)), basename(path)];
  const known = await recall(folder, memory);
  const state = stateOf(await stat(path, { bigint: true }));
  if (known[name]?.state === state) return known[name].digest;
  const digest = await digestOfFile(path, '', onBytes);
  await remember(folder, memory, { ...known, [name]: { digest, state } });
  return digest;
}

/**
 * The listed files of a folder that are missing or differ from what its manifest says of them. Every file is read, but those
 * that are remembered.
 *
 * @param options.memory folder of what is remembered, which is used and kept up to date; undefined: every file is read
 * @param options.onBytes told of every file that was checked
 */
export async function damagedOutputs(
  folder: string,
  { outputs }: Pick<Manifest, 'outputs'>,
  options: { memory?: string; signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<Damage[]> {
  const { memory, signal, onBytes } = options;
  const known = await recall(folder, memory);
  const verified: Memory = {};
  const damaged: Damage[] = [];
  let read = 0;
  for (const [file, checksum] of Object.entries(outputs)) {
    signal?.throwIfAborted();
    const { bytes } = checksum;
    const expected = digestOf(checksum);
    const path = join(folder, file);
    const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => error);
    if (found instanceof Error) {
      const missing = found.code === 'ENOENT' || found.code === 'ENOTDIR';
      damaged.push({ file, problem: missing ? 'is missing' : `cannot be read (${found.message})` });
    } else if (!found.isFile()) damaged.push({ file, problem: 'is not a file' });
    else if (found.size !== BigInt(bytes))
      damaged.push({ file, problem: `has ${found.size} bytes instead of ${bytes}` });
    else {
      const state = stateOf(found);
      const remembered = known[file]?.state === state && known[file]?.digest === expected;
      if (!remembered) read++;
      const problem = remembered ? undefined : await whyOther(path, expected);
      if (problem === undefined) verified[file] = { digest: expected, state };
      else damaged.push({ file, problem });
    }
    onBytes?.(bytes);
  }
  // Whoever asks about some of a folder's files leaves what is known of the others.
  if (read > 0) await remember(folder, memory, { ...known, ...verified });
  return damaged;
}

/** What is wrong with a file that has the right size; undefined where it has the digest. */
async function whyOther(path: string, digest: string): Promise<string | undefined> {
  try {
    return (await digestOfFile(path, digest)) === digest ? undefined : 'differs from its checksum';
  } catch (error) {
    if (!(error instanceof UserMistake || error instanceof Failure || isSystemError(error))) throw error;
    return `cannot be read (${error.message.replace(/\.$/, '')})`;
  }
}
