import { formatCount } from '@galvani/terminal';

export { listed } from '@galvani/terminal';

/** What stands for a number that is not defined: an empty network has no overlap. */
export const undefinedNumber = '–';

/** A number to `digits` decimals, with a true minus sign. */
export function decimal(x: number | null | undefined, digits = 2): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return undefinedNumber;
  const text = x.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

/** A share as a percentage: whole from 10% on, else to one decimal. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return undefinedNumber;
  const p = share * 100;
  return `${p >= 9.95 ? p.toFixed(0) : p > 0 && p < 0.05 ? '<0.1' : p.toFixed(1).replace('.0', '')}%`;
}

export function count(n: number | undefined): string {
  return n === undefined || !Number.isFinite(n) ? undefinedNumber : formatCount(n);
}

/** `1 run`, `2 runs`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A probability: three decimals, or as many as its first digit needs. */
export function probability(p: number): string {
  if (!Number.isFinite(p)) return undefinedNumber;
  if (p >= 0.001) return p.toFixed(3);
  if (p >= 1e-6) return p.toFixed(Math.ceil(-Math.log10(p)));
  return tenTo(Math.log10(p));
}

/** A probability given as its base-10 logarithm, however small: `10^−412` with a raised exponent. */
export function tenTo(log10: number): string {
  if (!Number.isFinite(log10)) return log10 === Number.NEGATIVE_INFINITY ? '0' : undefinedNumber;
  if (log10 > -3) return (10 ** log10).toFixed(3);
  const raised = [...String(Math.ceil(log10))].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('');
  return `10${raised}`;
}

/** `medical-imaging` as people write it. */
export function taskName(task: string): string {
  return task.replaceAll('-', ' ');
}

/** A sentence begins with a capital. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Mean of the finite numbers; NaN where there are none. */
export function mean(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? Number.NaN : finite.reduce((a, b) => a + b, 0) / finite.length;
}
