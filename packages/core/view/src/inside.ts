import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/** Whether what a path leads to, through links too, lies in a folder. What is not there lies nowhere. */
export async function liesInside(path: string, folder: string): Promise<boolean> {
  const [real, place] = await Promise.all([path, folder].map((each) => realpath(each).catch(() => undefined)));
  return real !== undefined && place !== undefined && real.startsWith(place + sep);
}
