import { readFile } from 'node:fs/promises';
import { readAnyTable } from '@galvani/artifact';
import { UserMistake } from '@galvani/terminal';
import { parse } from 'csv-parse/sync';

/** A stimulus. */
export interface Prompt {
  id: string;
  topic: string;
  /** statement, question, definition, list; or whatever the bank's author says. */
  form: string;
  text: string;
}

const required = ['id', 'topic', 'text'] as const;

/**
 * Reads a prompt bank: CSV (RFC 4180, with a header) or Parquet, columns id, topic, text and optionally form.
 * @throws UserMistake that names the file and line for a missing column, an empty or repeated field.
 */
export async function readPromptBank(path: string): Promise<Prompt[]> {
  const rows = path.endsWith('.parquet') ? await parquetRows(path) : await csvRows(path);
  const ids = new Map<string, string>();
  const texts = new Map<string, string>();
  return rows.map(({ where, row }) => {
    const prompt = {
      id: text(row.id),
      topic: text(row.topic),
      form: text(row.form) || 'unknown',
      text: text(row.text),
    };
    for (const column of required)
      if (prompt[column] === '')
        throw new UserMistake(`${where}: column '${column}' is empty; every prompt needs one.`);
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(prompt.topic))
      throw new UserMistake(
        `${where}: topic '${prompt.topic}' must be lower-case letters, digits and single dashes, such as medical-imaging.`,
      );
    const sameId = ids.get(prompt.id);
    if (sameId) throw new UserMistake(`${where}: id '${prompt.id}' was used before, at ${sameId}; ids are unique.`);
    const sameText = texts.get(prompt.text);
    if (sameText) throw new UserMistake(`${where}: this text was used before, at ${sameText}; remove one of the two.`);
    ids.set(prompt.id, where);
    texts.set(prompt.text, where);
    return prompt;
  });
}

/** The topics of a bank, in order of first appearance. */
export function topicsOf(bank: readonly Prompt[]): string[] {
  return [...new Set(bank.map((prompt) => prompt.topic))];
}

interface Located {
  where: string;
  row: Record<string, unknown>;
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}

async function parquetRows(path: string): Promise<Located[]> {
  const { names, rows } = await readAnyTable(path).catch((cause: Error) => {
    throw new UserMistake(`the prompt bank cannot be read: ${cause.message}`, { cause });
  });
  checkColumns(path, names);
  return rows.map((row, i) => ({ where: `${path}, row ${i + 1}`, row }));
}

async function csvRows(path: string): Promise<Located[]> {
  const content = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserMistake(
      cause.code === 'ENOENT' ? `there is no prompt bank at ${path}.` : `cannot read ${path}: ${cause.message}.`,
      { cause },
    );
  });
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(content, { columns: true, bom: true, skip_empty_lines: true, info: true });
  } catch (cause) {
    throw new UserMistake(`${path} is not CSV: ${(cause as Error).message}.`, { cause });
  }
  if (records.length === 0) throw new UserMistake(`${path} holds no prompts; it needs columns id, topic, text.`);
  checkColumns(path, Object.keys(records[0].record));
  return records.map(({ record, info }) => ({ where: `${path}:${info.lines}`, row: record }));
}

function checkColumns(path: string, names: readonly string[]): void {
  const missing = required.filter((column) => !names.includes(column));
  if (missing.length > 0)
    throw new UserMistake(
      `${path} lacks the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}; a bank needs id, topic, text (and may have form). It has: ${names.join(', ')}.`,
    );
}
