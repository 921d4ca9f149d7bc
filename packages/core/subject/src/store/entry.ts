import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { canonicalJson, describeOutput, sha256, writeFileWhole } from '@galvani/artifact';
import { readTextFileIfThere } from '@galvani/terminal';

/** What a stage wrote for one run, without its manifest. */
export interface StoredRun {
  /** Files by name, with their SHA-256. */
  outputs: Record<string, { sha256: string; bytes: number }>;
  facts: Record<string, unknown>;
}

export const entryName = 'entry.json';
/** Folder of the twins in a store. */
export const twinsName = 'twins';

const contentOf = (key: string, { outputs, facts }: StoredRun) => ({ key, outputs, facts });

/** Writes an entry's record: what it holds, under which key, and a checksum of both. */
export function writeEntry(folder: string, key: string, run: StoredRun): Promise<void> {
  const content = contentOf(key, run);
  const text = canonicalJson({ ...content, checksum: sha256(canonicalJson(content)) });
  return writeFileWhole(join(folder, entryName), text);
}

/**
 * Reads the record in an entry's folder, without a look at its files. `damaged` says what is wrong: it is unreadable, was
 * altered, or belongs under another key. Undefined if there is no entry.
 */
export async function readEntry(folder: string, key: string): Promise<StoredRun | { damaged: string } | undefined> {
  const path = join(folder, entryName);
  const text = await readTextFileIfThere(path).catch((error: Error) => error);
  if (text instanceof Error) return { damaged: `${path} cannot be read (${text.message})` };
  if (text === undefined)
    return (await lstat(folder).catch(() => undefined)) ? { damaged: `${path} is missing` } : undefined;
  let entry: StoredRun & { key: string; checksum: string };
  try {
    entry = JSON.parse(text);
    if (entry.checksum !== sha256(canonicalJson(contentOf(entry.key, entry))))
      return { damaged: `${path} differs from its own checksum` };
  } catch {
    return { damaged: `${path} is damaged` };
  }
  if (Object.keys(entry.outputs).some((name) => name !== basename(name) || name.startsWith('.')))
    return { damaged: `${path} names files outside of its folder` };
  if (entry.key !== key) return { damaged: `${path} is that of ${entry.key}` };
  return { outputs: entry.outputs, facts: entry.facts };
}

/** What is wrong with an entry's files, the first of it; undefined if they are as they were put. */
export async function damageOf(folder: string, { outputs }: StoredRun): Promise<string | undefined> {
  for (const [name, { sha256, bytes }] of Object.entries(outputs)) {
    const found = await describeOutput(join(folder, name)).catch((error: Error) => error);
    if (found instanceof Error) return `${join(folder, name)} cannot be read (${found.message})`;
    if (found.bytes !== bytes || found.sha256 !== sha256) return `${join(folder, name)} is damaged`;
  }
  return undefined;
}
