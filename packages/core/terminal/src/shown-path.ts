import { isAbsolute, relative, resolve, sep } from 'node:path';

/** A path as a person in the working folder would write it: relative to that where it lies in it, and else absolute. */
export function shownPath(path: string): string {
  const inside = relative(process.cwd(), resolve(path));
  const isOutside = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return isOutside ? resolve(path) : inside.split(sep).join('/') || '.';
}
