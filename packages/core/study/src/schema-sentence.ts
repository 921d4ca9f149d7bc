import { didYouMean, issuesByField, type SchemaIssue } from '@galvani/terminal';
import type { z } from 'zod';
import { allowedKeys } from './schema-fields.js';

/** What was checked against a schema. */
export interface Checked {
  value: unknown;
  schema: z.ZodType;
  /** Names the document, for what is not about one field: 'the study'. */
  whole: string;
  /** Where a field stands, to begin its sentence with: `study.yaml:12`. */
  place(field: readonly PropertyKey[]): string;
}

/** A sentence for each field that is wrong: what it is, and what is allowed. The messages are those of `wantedInstead`. */
export function schemaSentences(issues: readonly SchemaIssue[], { value, schema, whole, place }: Checked): string[] {
  return issuesByField(issues).map(({ code, path, message }) => {
    const name = fieldName(path, whole);
    if (code === 'unrecognized_keys') {
      const allowed = allowedKeys(schema, path.slice(0, -1));
      return `${place(path)}: there is no field '${name}'.${didYouMean(String(path.at(-1)), allowed)} Allowed here: ${allowed.join(', ')}.`;
    }
    return `${place(path)}: ${name} ${state(path.reduce(within, value))}: ${message}.`;
  });
}

/** `design.sessions` */
export function fieldName(field: readonly PropertyKey[], whole: string): string {
  return field.length === 0 ? whole : field.map(String).join('.');
}

/** What stands in a field of a value. */
function within(value: unknown, key: PropertyKey): unknown {
  if (value instanceof Map) return value.get(key);
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}

function state(given: unknown): string {
  if (given === undefined) return 'is missing';
  if (given === null) return 'is empty';
  // JSON has neither.
  if (typeof given === 'number' && !Number.isFinite(given)) return `is ${given}`;
  const plain = (_: string, each: unknown) =>
    each instanceof Map ? Object.fromEntries(each) : typeof each === 'bigint' ? String(each) : each;
  const text = JSON.stringify(given, plain) ?? String(given);
  return `is ${text.length <= 200 ? text : `${text.slice(0, 200)}…`}`;
}
