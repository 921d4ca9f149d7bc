import { UserMistake, wantedInstead } from '@galvani/terminal';
import { type Document, isMap, isNode, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { fieldName, schemaSentences } from './schema-sentence.js';
import { yamlValue } from './yaml-value.js';

/** What a YAML file says, together with where each field stands in it. */
export interface CheckedYaml<T> {
  value: T;
  /** `study.yaml:12: design.sessions`, for a message about that field (or the nearest one that is written). */
  locate(...field: (string | number)[]): string;
  /** Whether a person wrote the field, or left it to its default. */
  written(...field: (string | number)[]): boolean;
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
    const why = first.code === 'MULTIPLE_DOCS' ? 'a second document begins here (---)' : first.message;
    throw new UserMistake(`${path}:${line}:${col}: this is not YAML: ${why}.`);
  }
  const lineAt = (node: Node | null) => (node?.range ? lines.linePos(node.range[0]).line : 1);
  const lineOf = (field: readonly PropertyKey[]): number => {
    if (field.length === 0) return lineAt(document.contents as Node | null);
    for (let depth = field.length; depth > 0; depth--) {
      const parent = depth === 1 ? document.contents : document.getIn(field.slice(0, depth - 1), true);
      const key = field[depth - 1];
      const pair = isMap(parent) ? parent.items.find((item) => isPair(item) && String(item.key) === key) : undefined;
      const node = (pair?.key ?? document.getIn(field.slice(0, depth), true)) as Node | undefined;
      if (isNode(node) && node.range) return lineAt(node);
    }
    return 1;
  };
  const locate = (...field: (string | number)[]) => `${path}:${lineOf(field)}: ${fieldName(field, whole)}`;
  const value = yamlValue(document, schema, (node) => `${path}:${lines.linePos(node.range?.[0] ?? 0).line}`) ?? {};
  const result = schema.safeParse(value, { error: wantedInstead });
  if (!result.success) {
    const place = (field: readonly PropertyKey[]) => `${path}:${lineOf(field)}`;
    const sentences = schemaSentences(result.error.issues, { value, schema, whole, place });
    const more = sentences.length - 5;
    throw new UserMistake(sentences.slice(0, 5).join('\n') + (more > 0 ? `\n… and ${more} more.` : ''));
  }
  return { value: result.data, locate, written: (...field) => document.hasIn(field) };
}

function parse(text: string, lineCounter: LineCounter, path: string): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false });
  } catch (cause) {
    // The parser calls itself for each level.
    throw new UserMistake(`${path}: this is not usable YAML: ${(cause as Error).message}.`, { cause });
  }
}
