import type { z } from 'zod';

interface Inner {
  shape?: Record<PropertyKey, unknown>;
  element?: unknown;
  options?: unknown[];
  def?: { innerType?: unknown };
}

/** The schema of a field inside another schema: a key of an object, of one alternative, or a place in a list. */
export function fieldSchema(schema: unknown, key: PropertyKey): unknown {
  const { shape, element, options } = unwrap(schema);
  if (shape) return own(shape, key);
  if (element) return element;
  return options?.map((option) => fieldSchema(option, key)).find(Boolean);
}

/** Names of the fields that an object may have at a path, without those for editors (`$schema`). */
export function allowedKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const { shape, options } = unwrap(path.reduce<unknown>(fieldSchema, schema));
  const shapes = options ? options.map((option) => unwrap(option).shape) : [shape];
  return [...new Set(shapes.flatMap((each) => Object.keys(each ?? {})))].filter((key) => !key.startsWith('$'));
}

function unwrap(schema: unknown): Inner {
  let inner = (schema ?? {}) as Inner;
  while (inner.def?.innerType) inner = inner.def.innerType as Inner;
  return inner;
}

const own = (shape: Record<PropertyKey, unknown>, key: PropertyKey) =>
  Object.hasOwn(shape, key) ? shape[key] : undefined;
