import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeText, parseJson, readWholeFileIfThere, UserMistake } from '@galvani/terminal';

/** A checkpoint's config.json, read field by field: a field of the wrong kind is a mistake that names it. */
export interface Config {
  /** Path of the file, for messages. */
  path: string;
  has(field: string): boolean;
  /** The value as it stands; undefined where the field is absent or null. */
  raw(field: string): unknown;
  /** Whether the field is there and null, which may differ from its being absent. */
  isNull(field: string): boolean;
  /** A positive whole number. Without `otherwise` the field is required. */
  integer(field: string, otherwise?: number): number;
  /** A finite number, perhaps one `above` or `from` (at least) a bound. */
  number(field: string, otherwise?: number, bound?: { above: number } | { from: number }): number;
  boolean(field: string, otherwise: boolean): boolean;
  text(field: string, otherwise?: string): string;
  /** The fields' names. */
  fields(): string[];
  /** A section without fields. */
  empty(): Config;
  /** A nested object as a config of its own. */
  section(field: string): Config | undefined;
  /** Refuses the checkpoint because of a field, whose value is shown. `reason` ends the sentence. */
  refuse(field: string, reason: string): never;
}

/** Reads config.json in a checkpoint's folder. @throws UserMistake that says what is at the path instead of a checkpoint */
export async function readConfig(folder: string): Promise<{ config: Config; bytes: Uint8Array }> {
  const path = join(folder, 'config.json');
  const bytes = await readWholeFileIfThere(path);
  if (bytes === undefined)
    throw new UserMistake(
      `${folder} ${await whatIsThere(folder)}: a model is a folder in Hugging Face's layout (config.json and weights) or a file whose name ends in .onnx.`,
    );
  const json = parseJson(withoutInfinities(decodeText(bytes, path)), path);
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new UserMistake(`${path} holds no JSON object.`);
  return { config: createConfig(json as Record<string, unknown>, path), bytes };
}

/** Python writes numbers that JSON has not (`Infinity`): as transformers 5 writes them, which avoids that. */
const withoutInfinities = (text: string) =>
  text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (found) =>
    found.startsWith('"') ? found : `{"__float__":"${found}"}`,
  );

async function whatIsThere(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return 'does not exist';
  return found.isDirectory()
    ? 'holds no config.json'
    : `is a ${found.isFile() ? 'file' : 'pipe or device'} and no ONNX model`;
}

/** Typed access to a parsed config.json. `prefix` names the section in messages. */
export function createConfig(json: Record<string, unknown>, path: string, prefix = ''): Config {
  const raw = (field: string) => (Object.hasOwn(json, field) ? (json[field] ?? undefined) : undefined);
  const shown = (field: string) => JSON.stringify(raw(field));
  const wrong = (field: string, wanted: string): never => {
    const value = raw(field);
    throw new UserMistake(
      value === undefined
        ? `${path} has no ${prefix}${field}, which has to be ${wanted}.`
        : `${path}: ${prefix}${field} is ${shown(field)} and has to be ${wanted}.`,
    );
  };
  const config: Config = {
    path,
    raw,
    isNull: (field) => Object.hasOwn(json, field) && json[field] === null,
    has: (field) => raw(field) !== undefined,
    fields: () => Object.keys(json),
    empty: () => createConfig({}, path, prefix),
    integer(field, otherwise) {
      const value = raw(field) ?? otherwise;
      if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
      return wrong(field, 'a positive whole number');
    },
    number(field, otherwise, bound) {
      const value = raw(field) ?? otherwise;
      const within = (number: number) =>
        bound === undefined || ('above' in bound ? number > bound.above : number >= bound.from);
      if (typeof value === 'number' && Number.isFinite(value) && within(value)) return value;
      const least = bound === undefined ? '' : 'above' in bound ? ` above ${bound.above}` : ` of ${bound.from} or more`;
      return wrong(field, `a number${least}`);
    },
    boolean(field, otherwise) {
      const value = raw(field) ?? otherwise;
      if (typeof value === 'boolean') return value;
      return wrong(field, 'true or false');
    },
    text(field, otherwise) {
      const value = raw(field) ?? otherwise;
      if (typeof value === 'string') return value;
      return wrong(field, 'a text');
    },
    section(field) {
      const value = raw(field);
      if (value === undefined) return undefined;
      if (typeof value !== 'object' || Array.isArray(value)) return wrong(field, 'an object');
      return createConfig(value as Record<string, unknown>, path, `${prefix}${field}.`);
    },
    refuse(field, reason) {
      throw new UserMistake(`${path}: ${prefix}${field} is ${shown(field) ?? 'absent'}, ${reason}.`);
    },
  };
  return config;
}
