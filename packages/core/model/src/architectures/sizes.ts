import type { Config } from '../checkpoint/config.js';

/** A size under the names that a family's files have for it, the family's own first; they may not contradict each other. */
export function sizeUnder(config: Config, names: string[], otherwise?: number): number {
  const [first = names[0], ...others] = names.filter((name) => config.has(name));
  const value = config.integer(first, otherwise);
  for (const other of others)
    if (config.integer(other) !== value) config.refuse(other, `and ${first}, which means the same, is ${value}`);
  return value;
}

/** Numbers of a head of which `heads` make up `width`; `field` is where config.json has `heads`. */
export function headSizeOf(config: Config, field: string, heads: number, width: number): number {
  if (width % heads !== 0) config.refuse(field, `and the hidden size ${width} is no multiple of it`);
  return width / heads;
}
