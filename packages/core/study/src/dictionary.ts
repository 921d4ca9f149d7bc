import { z } from 'zod';

/**
 * Values by names that a person chose, in the order in which they were written. An object would lose the name `__proto__`,
 * know `constructor` before it was given, and put the names 1 and 10 first.
 */
export type Dictionary<T> = [name: string, value: T][];

/** A mapping in YAML, or an object, whose keys the person chooses. */
export function dictionarySchema<V extends z.ZodType>(name: z.ZodType<string, string>, value: V) {
  const given = (input: unknown) =>
    typeof input === 'object' && input !== null && !Array.isArray(input) && !(input instanceof Map)
      ? new Map(Object.entries(input))
      : input;
  return z
    .preprocess(
      given as (input: Record<string, z.input<V>> | Map<string, z.input<V>>) => Map<string, z.input<V>>,
      z.map(name, value, 'must be a mapping from names to values'),
    )
    .transform((map): Dictionary<z.output<V>> => [...map]);
}

/** Whether a schema, wrappers aside, is one that `dictionarySchema` made. */
export function isDictionary(schema: unknown): boolean {
  const { def } = (schema ?? {}) as { def?: { type: string; innerType?: unknown; in?: unknown; out?: unknown } };
  if (def?.type === 'pipe') return isDictionary(def.in) || isDictionary(def.out);
  return def?.type === 'map' || (def?.innerType !== undefined && isDictionary(def.innerType));
}
