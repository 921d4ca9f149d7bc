import { mkdir, readdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, damagedOutputs, describeOutput, sha256 } from '@galvani/artifact';
import { codeDigest } from '@galvani/code';
import { writeTwin } from '@galvani/model';
import { makeFolder, note, UserMistake, whileWriting } from '@galvani/terminal';
import { entryName, readEntry, twinsName, writeEntry } from './entry.js';
import { newPartial, sweepAbandoned } from './partial.js';
import { removeEntry } from './remove-entry.js';

/** An untrained twin: of which model (its digest), with which seed. */
export interface TwinIdentity {
  of: string;
  seed: number;
}

/** A twin's identity in cache keys: known before it is made. */
export async function twinDigest({ of, seed }: TwinIdentity): Promise<string> {
  return sha256(canonicalJson({ twin: of, seed, code: await codeDigest() }));
}

/**
 * The folder of a twin, `twins/<digest>` in the first of the places that has it whole; else it is made in the first in which that can be
 * done. It is there whole or not at all.
 *
 * @param model the original, whose digest is `twin.of`
 * @param places folders, which need not be there, nor be writable
 * @param memory where it is remembered which files were verified
 * @throws UserMistake for a model that has no twin, Failure where it can be written nowhere
 */
export async function twinFolder(
  model: string,
  twin: TwinIdentity & { digest: string },
  places: readonly string[],
  memory?: string,
): Promise<string> {
  for (const place of places) {
    const folder = join(place, twinsName, twin.digest);
    if (!(await isWhole(folder, twin.digest, memory))) continue;
    const now = new Date();
    // Only the order in which a store is pruned hangs on it.
    await utimes(join(folder, entryName), now, now).catch(() => undefined);
    return folder;
  }
  for (const [p, place] of places.entries())
    try {
      return await makeTwin(model, twin, place);
    } catch (error) {
      if (error instanceof UserMistake || p === places.length - 1) throw error;
    }
  throw new RangeError('a twin needs a place');
}

/** Removes a twin from all of the places that have it and can be written. */
export async function removeTwin(digest: string, places: readonly string[]): Promise<void> {
  for (const place of places) await removeEntry(place, `${twinsName}/${digest}`).catch(() => undefined);
}

async function isWhole(folder: string, digest: string, memory?: string): Promise<boolean> {
  const entry = await readEntry(folder, digest);
  return entry !== undefined && !('damaged' in entry) && (await damagedOutputs(folder, entry, { memory })).length === 0;
}

async function makeTwin(model: string, twin: TwinIdentity & { digest: string }, place: string): Promise<string> {
  const folder = join(place, twinsName, twin.digest);
  const temporary = newPartial(place);
  note(`making the untrained twin of ${model}: every tensor's values in random order, seed ${twin.seed}`);
  return whileWriting(folder, async () => {
    try {
      await makeFolder(join(place, twinsName));
      await mkdir(temporary);
      await sweepAbandoned(place, temporary);
      await writeTwin(model, twin.seed, temporary);
      const outputs: Record<string, { sha256: string; bytes: number }> = {};
      for (const name of (await readdir(temporary)).sort()) outputs[name] = await describeOutput(join(temporary, name));
      await writeEntry(temporary, twin.digest, { outputs, facts: { twin: twin.of, seed: twin.seed } });
      await rename(temporary, folder).catch(async (error: NodeJS.ErrnoException) => {
        if (!['ENOTEMPTY', 'EEXIST'].includes(error.code ?? '')) throw error;
        // Another process made the same twin first, or what is there is damaged.
        if (await isWhole(folder, twin.digest)) return rm(temporary, { recursive: true, force: true });
        await removeEntry(place, `${twinsName}/${twin.digest}`);
        return rename(temporary, folder);
      });
      return folder;
    } catch (error) {
      await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
  });
}
