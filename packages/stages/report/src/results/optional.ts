import { access } from 'node:fs/promises';

/** Reads a file that a study need not have: undefined where there is none. A damaged file is still a failure. */
export async function whereWritten<T>(path: string, read: (path: string) => Promise<T>): Promise<T | undefined> {
  const there = await access(path).then(
    () => true,
    () => false,
  );
  return there ? read(path) : undefined;
}
