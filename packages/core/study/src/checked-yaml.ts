import { didYouMean, UserMistake } from '@galvani/terminal';
import { type Document, isMap, isNode, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { allowedKeys } from './schema-fields.js';
import { yamlValue } from './yaml-value.js';

/** What a YAML file says, together with where each field stands in it. */
export interface CheckedYaml<T> {
  value: T;
  /** `study.yaml:12: design.sessions`, for a message about that field (or the nearest one that is written). */
  locate(...field: (string | number)[]): string;
}

/**
 * Checks YAML against a schema. `path` is only named in messages, `whole` names the document ('the study').
 * @throws UserMistake that names line, field and what is allowed
 */
export function checkYaml<S extends z.ZodType>(
  text: string,
  path: string,
  schema: S,
  whole: string,
): CheckedYaml<z.output<S>> {
  const lines = new LineCounter();
  const document = parse(text, lines, path);
  if (document.errors.length > 0) {
    const [first] = document.errors;
    const { line, col } = lines.linePos(first.pos[0]);
    throw new UserMistake(`${path}:${line}:${col}: this is not YAML: ${first.message}.`);
  }
  const lineOf = (field: readonly PropertyKey[]): number => {
    for (let depth = field.length; depth > 0; depth--) {
      const parent = depth === 1 ? document.contents : document.getIn(field.slice(0, depth - 1), true);
      const key = field[depth - 1];
      const pair = isMap(parent) ? parent.items.find((item) => isPair(item) && String(item.key) === key) : undefined;
      const node = (pair?.key ?? document.getIn(field.slice(0, depth), true)) as Node | undefined;
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const locate = (...field: (string | number)[]) => `${path}:${lineOf(field)}: ${fieldName(field, whole)}`;
  const value = yamlValue(document, schema, (node) => `${path}:${lines.linePos(node.range?.[0] ?? 0).line}`) ?? {};
  const result = schema.safeParse(value);
  if (!result.success) {
    const sentences = result.error.issues
      .slice(0, 5)
      .map((issue) => sentence(issue, { value, path, lineOf, schema, whole }));
    const more = result.error.issues.length - sentences.length;
    throw new UserMistake(sentences.join('\n') + (more > 0 ? `\n… and ${more} more.` : ''));
  }
  return { value: result.data, locate };
}

function parse(text: string, lineCounter: LineCounter, path: string): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false });
  } catch (cause) {
    // The parser calls itself for each level.
    throw new UserMistake(`${path}: this is not usable YAML: ${(cause as Error).message}.`, { cause });
  }
}

function fieldName(field: readonly PropertyKey[], whole: string): string {
  return field.length === 0 ? whole : field.map(String).join('.');
}

type Issue = z.core.$ZodIssue;

interface Checked {
  value: unknown;
  path: string;
  lineOf: (field: readonly PropertyKey[]) => number;
  schema: z.ZodType;
  whole: string;
}

function sentence(issue: Issue, { value, path, lineOf, schema, whole }: Checked): string {
  const unknown = unknownField(issue);
  if (unknown) {
    const field = [...issue.path, ...unknown];
    const allowed = allowedKeys(schema, field.slice(0, -1));
    const key = String(field.at(-1));
    return `${path}:${lineOf(field)}: there is no field '${fieldName(field, whole)}'.${didYouMean(key, allowed)} Allowed here: ${allowed.join(', ')}.`;
  }
  const given = issue.path.reduce(within, value);
  const was = given === undefined ? 'is missing' : `is ${shown(given)}`;
  return `${path}:${lineOf(issue.path)}: ${fieldName(issue.path, whole)} ${was}: ${lowerFirst(detail(issue))}.`;
}

/** The field that nobody knows, from where the issue is; inside a union if all else of one alternative is right. */
function unknownField(issue: Issue): PropertyKey[] | undefined {
  if (issue.code === 'unrecognized_keys') return [issue.keys[0]];
  if (issue.code !== 'invalid_union') return undefined;
  for (const [first, ...more] of issue.errors)
    if (first?.code === 'unrecognized_keys' && more.length === 0) return [...first.path, first.keys[0]];
  return undefined;
}

/** The alternatives of a union each have their own complaint: the one about a value of the right type is the useful one. */
function detail(issue: Issue): string {
  if (issue.code === 'invalid_union') {
    const useful = issue.errors.find((alternative) => alternative.some((i) => i.code !== 'invalid_type'));
    if (useful) return detail(useful[0]);
  }
  return issue.message;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** What stands in a field of a YAML value. */
function within(value: unknown, key: PropertyKey): unknown {
  if (value instanceof Map) return value.get(key);
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}

function shown(value: unknown): string {
  const plain = (_: string, each: unknown) => (each instanceof Map ? Object.fromEntries(each) : each);
  const text = JSON.stringify(value, plain);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
