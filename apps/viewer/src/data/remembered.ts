import { onForget } from './forget.js';

/**
 * Results of a function by its arguments, the most recent ones, until a stage writes anew. A failure is forgotten, so that it is tried again.
 *
 * @param most that are held
 */
export function remembered<A extends (string | number)[], T>(
  make: (...args: A) => Promise<T>,
  most: number,
): (...args: A) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  onForget(() => known.clear());
  return (...args) => {
    const key = JSON.stringify(args);
    const found = known.get(key) ?? make(...args);
    known.delete(key);
    known.set(key, found);
    if (known.size > most) known.delete(known.keys().next().value!);
    found.catch(() => known.get(key) === found && known.delete(key));
    return found;
  };
}
