import { createHash } from 'node:crypto';
import { readPieces } from '@galvani/terminal';

/**
 * What tells that a file is as it was written. SHA-256 is what people know and check with `sha256sum`; activations, gigabytes that are
 * written while the model runs, have XXH3 with 64 bits (`xxhsum -H3`), which takes a third of the time and tells of damage as well.
 */
export type HashName = 'sha256' | 'xxh3';

/** What a manifest lists of a file: its checksum in hexadecimal, and its size. */
export type Checksum<H extends HashName = HashName> = H extends HashName
  ? Record<H, string> & { bytes: number }
  : never;

/** A checksum of bytes that come one after the other. */
export interface GrowingHash {
  update(bytes: Uint8Array): void;
  /** In hexadecimal. */
  digest(): string;
}

export async function openHash(name: HashName): Promise<GrowingHash> {
  if (name === 'sha256') {
    const hash = createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
  }
  // Loaded where it is needed: most commands hash little.
  const { xxh3 } = await import('@node-rs/xxhash');
  const hash = xxh3.Xxh3.withSeed();
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest().toString(16).padStart(16, '0') };
}

const xxh3Prefix = 'xxh3:';

/** A checksum as one text, as manifests list inputs: the SHA-256, or `xxh3:` and the XXH3. */
export function digestOf(checksum: Checksum): string {
  return 'xxh3' in checksum ? `${xxh3Prefix}${checksum.xxh3}` : checksum.sha256;
}

/**
 * The digest of a file by the hash that another digest has, such as the one that it is to be held against.
 *
 * @param onBytes told of each piece that was read; what it throws ends the reading
 */
export async function digestOfFile(path: string, like: string, onBytes?: (bytes: number) => void): Promise<string> {
  const xxh3 = like.startsWith(xxh3Prefix);
  const hash = await openHash(xxh3 ? 'xxh3' : 'sha256');
  for await (const piece of readPieces(path)) {
    hash.update(piece);
    onBytes?.(piece.length);
  }
  return `${xxh3 ? xxh3Prefix : ''}${hash.digest()}`;
}

/** SHA-256 of bytes or text, in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 of a file, in hexadecimal, read in pieces. @throws UserMistake where there is no regular file */
export const sha256OfFile = (path: string): Promise<string> => digestOfFile(path, '');
