import { didYouMean, UserMistake } from '@galvani/terminal';
import { type Document, isMap, isNode, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';

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
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
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
  const value = documentValue(document, path) ?? {};
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

/** The document's value. An alias without its anchor, or aliases that would explode, are found only here. */
function documentValue(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new UserMistake(`${path}:1: this is not usable YAML: ${(cause as Error).message}.`, { cause });
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
  const given = issue.path.reduce<unknown>((v, key) => (v as Record<PropertyKey, unknown> | undefined)?.[key], value);
  const was = given === undefined ? 'is missing' : `is ${JSON.stringify(given)}`;
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

function allowedKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let inner: unknown = schema;
  for (const key of path) {
    const outer = unwrap(inner) as { shape?: Record<PropertyKey, unknown>; element?: unknown; options?: unknown[] };
    const alternatives = (outer.options ?? []).map((option) => (unwrap(option) as z.ZodObject).shape?.[String(key)]);
    inner = outer.shape?.[key] ?? outer.element ?? alternatives.find(Boolean);
  }
  const last = unwrap(inner) as { shape?: object; options?: unknown[] } | undefined;
  const shapes = last?.options ? last.options.map((option) => (unwrap(option) as z.ZodObject).shape) : [last?.shape];
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape ?? {})))];
}

function unwrap(schema: unknown): unknown {
  let inner = schema as { def?: { innerType?: unknown } } | undefined;
  while (inner?.def?.innerType) inner = inner.def.innerType as typeof inner;
  return inner;
}
