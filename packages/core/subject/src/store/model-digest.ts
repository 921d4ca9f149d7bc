import { stat } from 'node:fs/promises';
import { rememberedDigest } from '@galvani/artifact';
import { digestSubject, weightFiles } from '@galvani/model';
import { startProgress } from '@galvani/terminal';

/** Below this, reading is over before it is seen. */
const quickBytes = 1e9;

/**
 * A model's digest. Those of its files of weights are remembered as long as the files are the same, so that 24 runs do not read
 * gigabytes 24 times; the first time shows its progress.
 *
 * @param memory folder of what is remembered; undefined: nowhere
 */
export async function modelDigest(path: string, memory?: string, signal?: AbortSignal): Promise<string> {
  const sizes = new Map<string, number>();
  for (const file of await weightFiles(path)) sizes.set(file, (await stat(file)).size);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let shown: ReturnType<typeof startProgress> | undefined;
  let [read, said] = [0, 0];
  const onBytes = (bytes: number) => {
    signal?.throwIfAborted();
    read += bytes;
    if (total < quickBytes) return;
    shown ??= startProgress('checksums of the model', Math.round(total / 1e6), 'MB');
    const millions = Math.round(read / 1e6);
    if (millions > said) shown.advance(millions - said);
    said = millions;
  };
  const hashOf = async (file: string) => {
    const before = read;
    const digest = await rememberedDigest(file, memory, onBytes);
    // What is remembered counts as read.
    read = before + (sizes.get(file) ?? 0);
    return digest;
  };
  try {
    return await digestSubject(path, hashOf);
  } finally {
    shown?.finish();
  }
}
