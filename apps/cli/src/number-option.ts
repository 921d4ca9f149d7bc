import { InvalidArgumentError } from 'commander';

/** Reads an option that is a whole number of at least `least`, and at most `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(
        `It must be a whole number of at least ${least}${most < Number.MAX_SAFE_INTEGER ? ` and at most ${most}` : ''}.`,
      );
    return value;
  };
}

/** Reads an option that is a number above 0, at most `most`. */
export function positiveNumber(most = Number.POSITIVE_INFINITY): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value > 0) || value > most)
      throw new InvalidArgumentError(
        `It must be a number above 0${Number.isFinite(most) ? ` and at most ${most}` : ''}.`,
      );
    return value;
  };
}

/** Reads one more list of token ids, `5,7,9`, for an option that may be given several. */
export function tokenIdLists(text: string, before: number[][] = []): number[][] {
  const ids = text.split(',').map((part) => part.trim());
  if (ids.some((id) => !/^\d+$/.test(id)))
    throw new InvalidArgumentError('It must be token ids separated by commas, such as 5,7,9.');
  return [...before, ids.map(Number)];
}

/** Reads an option that is a list of whole numbers and ranges of them: `7`, `5,7,10-20`. */
export function unitNumbers(text: string, before: number[] = []): number[] {
  const numbers = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first))
      throw new InvalidArgumentError('It must be whole numbers from 0, or ranges of them, such as 7 or 5,7,10-20.');
    if (Number(last) - Number(first) > 1e6) throw new InvalidArgumentError(`${part} are too many units.`);
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
  });
  return [...new Set([...before, ...numbers])];
}
