import { UserMistake } from '@galvani/terminal';
import { exactText, isMissing, nameCell, readUserTable, requireColumns, textCell } from './user-table.js';

/** A stimulus. */
export interface Prompt {
  id: string;
  topic: string;
  /** statement, question, definition, list; or whatever the bank's author says. */
  form: string;
  /** What it has in common with its partner, where the bank has pairs. */
  pair?: string;
  /** As it stands in the bank, white space at its ends included: the model sees it. */
  text: string;
}

/**
 * Reads a prompt bank, of one file or of several that are one bank together: CSV (RFC 4180, with a header) or Parquet, columns id, topic, text and
 * optionally form and pair.
 * @throws UserMistake that names the file and line for a missing column, an empty field, or one that another row of any file has.
 */
export async function readPromptBank(...paths: readonly string[]): Promise<Prompt[]> {
  const bank: Prompt[] = [];
  const ids = new Map<string, string>();
  const texts = new Map<string, string>();
  for (const path of paths) bank.push(...(await readBankFile(path, ids, texts)));
  return bank;
}

/** @param ids, texts where those that were read before stand; those of this file are added */
async function readBankFile(path: string, ids: Map<string, string>, texts: Map<string, string>): Promise<Prompt[]> {
  const table = await readUserTable(path, { trim: false, missing: `there is no prompt bank at ${path}.` });
  requireColumns(table, ['id', 'topic', 'text'], 'prompts', ['form', 'pair']);
  if (table.rows.length === 0) throw new UserMistake(`${path} holds no prompts; it needs columns id, topic, text.`);
  return table.rows.map((row) => {
    const { where } = row;
    const [form, pair] = [textCell(row, 'form'), textCell(row, 'pair')];
    const prompt = {
      id: nameCell(row, 'id', 'every prompt needs one'),
      topic: nameCell(row, 'topic', 'every prompt needs one'),
      form: isMissing(form) ? 'unknown' : form,
      ...(isMissing(pair) ? {} : { pair }),
      text: exactText(row, 'text'),
    };
    if (prompt.text.trim() === '') throw new UserMistake(`${where}: text is empty; every prompt needs one.`);
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

/** A warning where all texts of a bank begin, or all end, with white space, which is rarely meant; else undefined. */
export function edgeSpaceWarning(bank: readonly Prompt[], path: string): string | undefined {
  const where = [
    bank.every(({ text }) => text !== text.trimStart()) && 'begins',
    bank.every(({ text }) => text !== text.trimEnd()) && 'ends',
  ].filter(Boolean);
  if (bank.length === 0 || where.length === 0) return undefined;
  return `every text in ${path} ${where.join(' and ')} with white space, which the model reads as part of the prompt.`;
}

/** The topics of a bank, in order of first appearance. */
export function topicsOf(bank: readonly Prompt[]): string[] {
  return [...new Set(bank.map((prompt) => prompt.topic))];
}
