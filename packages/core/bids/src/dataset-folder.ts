import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { canonicalJson, partialPath } from '@galvani/artifact';
import { makeFolder, whileWriting } from '@galvani/terminal';
import { type NiftiImage, niftiBytes } from './nifti.js';

const compress = promisify(gzip);

/** Writes files of a dataset by their paths in it. */
export interface DatasetFolder {
  /** Of a long text its pieces, of which one is held at a time. */
  text(path: string, content: string | Iterable<string>): Promise<void>;
  json(path: string, content: object): Promise<void>;
  /** A .nii.gz file. */
  image(path: string, image: NiftiImage): Promise<void>;
}

/**
 * A folder that appears whole or not at all: `fill` writes beside `out`, which is nothing yet.
 * @returns how many files were written, and their bytes
 */
export async function writeDataset(
  out: string,
  fill: (folder: DatasetFolder) => Promise<void>,
): Promise<{ files: number; bytes: number }> {
  const beside = partialPath(out);
  const written = { files: 0, bytes: 0 };
  const write = async (path: string, pieces: Iterable<string | Uint8Array>) => {
    const place = join(beside, path);
    await makeFolder(dirname(place));
    const file = await open(place, 'wx');
    try {
      for (const piece of pieces) {
        const bytes = Buffer.from(piece as Uint8Array);
        await file.writeFile(bytes);
        written.bytes += bytes.length;
      }
    } finally {
      await file.close();
    }
    written.files++;
  };
  const text = (path: string, content: string | Iterable<string>) =>
    write(path, typeof content === 'string' ? [content] : content);
  try {
    await whileWriting(out, async () => {
      await makeFolder(beside);
      await fill({
        text,
        json: (path, content) => text(path, canonicalJson(content)),
        // zlib writes no name and no time, so that equal images are equal files.
        image: async (path, image) => write(path, [await compress(niftiBytes(image))]),
      });
      await rename(beside, out);
    });
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
  return written;
}
