import { InvalidArgumentError } from 'commander';

/** Reads an option that is a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
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
