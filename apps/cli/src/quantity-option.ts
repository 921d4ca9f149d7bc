import { InvalidArgumentError } from 'commander';

const byteUnits: Readonly<Record<string, number>> = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
const hourUnits: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168 };

/** Reads an option that is a number of bytes: `20GB`, `1500 MB`, `500000`. Units are powers of 1,000, as disks are sold. */
export function byteCount(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text.trim()) ?? [];
  const size = byteUnits[unit?.toUpperCase() ?? ''];
  if (number === undefined || size === undefined)
    throw new InvalidArgumentError('It must be a number of bytes, such as 20GB or 1500MB (B, KB, MB, GB, TB).');
  return Math.round(Number(number) * size);
}

/** Reads an option that is a time in hours, days or weeks: `12h`, `30d`, `4w`. Returns milliseconds. */
export function timeSpan(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([hdw])$/.exec(text.trim()) ?? [];
  if (number === undefined)
    throw new InvalidArgumentError('It must be a time in hours, days or weeks, such as 12h, 30d or 4w.');
  return Number(number) * hourUnits[unit] * 3600e3;
}
