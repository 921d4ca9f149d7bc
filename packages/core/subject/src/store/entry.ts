import { lstat, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { canonicalJson, digestOf, digestOfFile, type Manifest, sha256, writeFileWhole } from '@galvani/artifact';
import { readTextFileIfThere } from '@galvani/terminal';

/** What a stage wrote for one run, without its manifest. */
export interface StoredRun {
  /** Files by name, with their checksums. */
  outputs: Manifest['outputs'];
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
  for (const [name, checksum] of Object.entries(outputs)) {
    const path = join(folder, name);
    const expected = digestOf(checksum);
    try {
      const sound = (await digestOfFile(path, expected)) === expected && (await stat(path)).size === checksum.bytes;
      if (!sound) return `${path} is damaged`;
    } catch (error) {
      return `${path} cannot be read (${(error as Error).message})`;
    }
  }
  return undefined;
}
