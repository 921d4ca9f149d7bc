import { readFile } from 'node:fs/promises';
import { didYouMean, UserMistake } from '@galvani/terminal';
import { type Document, isMap, isNode, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Study, studySchema } from './study-schema.js';

/** A study together with where each field stands in its file. */
export interface StudyFile {
  path: string;
  study: Study;
  /** `study.yaml:12: design.sessions`, for a message about that field (or the nearest one that is written). */
  locate(...field: (string | number)[]): string;
}

/** Reads and checks study.yaml. @throws UserMistake that names line, field and what is allowed. */
export async function readStudyFile(path: string): Promise<StudyFile> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserMistake(
      cause.code === 'ENOENT' ? `there is no study at ${path}.` : `cannot read ${path}: ${cause.message}.`,
      { cause },
    );
  });
  return parseStudy(text, path);
}

/** Checks the text of a study.yaml; `path` is only named in messages. */
export function parseStudy(text: string, path: string): StudyFile {
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
  const locate = (...field: (string | number)[]) => `${path}:${lineOf(field)}: ${fieldName(field)}`;
  const value = documentValue(document, path) ?? {};
  const result = studySchema.safeParse(value);
  if (!result.success) {
    const sentences = result.error.issues.slice(0, 5).map((issue) => sentence(issue, value, path, lineOf));
    const more = result.error.issues.length - sentences.length;
    throw new UserMistake(sentences.join('\n') + (more > 0 ? `\n… and ${more} more.` : ''));
  }
  return { path, study: result.data, locate };
}

/** The document's value. An alias without its anchor, or aliases that would explode, are found only here. */
function documentValue(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new UserMistake(`${path}:1: this is not usable YAML: ${(cause as Error).message}.`, { cause });
  }
}

function fieldName(field: readonly PropertyKey[]): string {
  return field.length === 0 ? 'the study' : field.map(String).join('.');
}

type Issue = z.core.$ZodIssue;

function sentence(
  issue: Issue,
  value: unknown,
  path: string,
  lineOf: (field: readonly PropertyKey[]) => number,
): string {
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    const allowed = allowedKeys(issue.path);
    const field = [...issue.path, key];
    return `${path}:${lineOf(field)}: there is no field '${fieldName(field)}'.${didYouMean(key, allowed)} Allowed here: ${allowed.join(', ')}.`;
  }
  const given = issue.path.reduce<unknown>((v, key) => (v as Record<PropertyKey, unknown> | undefined)?.[key], value);
  const was = given === undefined ? 'is missing' : `is ${JSON.stringify(given)}`;
  return `${path}:${lineOf(issue.path)}: ${fieldName(issue.path)} ${was}: ${lowerFirst(detail(issue))}.`;
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

function allowedKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = studySchema;
  for (const key of path) {
    schema = (unwrap(schema) as z.ZodObject).shape?.[key as string];
  }
  const inner = unwrap(schema) as { shape?: object; options?: z.ZodObject[] } | undefined;
  if (inner?.options) return [...new Set(inner.options.flatMap((option) => Object.keys(option.shape ?? {})))];
  return Object.keys(inner?.shape ?? {});
}

function unwrap(schema: unknown): unknown {
  let inner = schema as { def?: { innerType?: unknown } } | undefined;
  while (inner?.def?.innerType) inner = inner.def.innerType as typeof inner;
  return inner;
}
