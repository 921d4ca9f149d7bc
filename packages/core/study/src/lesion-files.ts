import { UserMistake } from '@galvani/terminal';
import { exactText, nameCell, readUserTable, requireColumns, type UserRow, type UserTable } from './user-table.js';

/** A person's own text, which is read under lesions. */
export interface LesionText {
  /** A task, or any other name. */
  topic: string;
  text: string;
  /** File and line. */
  where: string;
}

/**
 * Two texts of which a model should find the first more probable, as in BLiMP (Warstadt et al. 2020, arXiv 1912.00582) and SyntaxGym
 * (Gauthier et al. 2020, ACL demonstrations).
 */
export interface LesionPair {
  /** What the pair tests, or what it is about; a task, or any other name. */
  topic: string;
  good: string;
  bad: string;
  /** What is read before each, and not scored; empty where there is nothing. */
  goodContext: string;
  badContext: string;
  where: string;
}

/** Reads a table of texts. @throws UserMistake with file and line */
export async function readLesionTexts(path: string): Promise<LesionText[]> {
  const table = await readUserTable(path, { trim: false });
  requireColumns(table, ['topic', 'text'], 'texts');
  requireRows(table);
  return table.rows.map((row) => ({ topic: topicOf(row), text: filled(row, 'text'), where: row.where }));
}

/** Reads a table of pairs. @throws UserMistake with file and line */
export async function readLesionPairs(path: string): Promise<LesionPair[]> {
  const table = await readUserTable(path, { trim: false });
  requireColumns(table, ['topic', 'good', 'bad'], 'pairs', ['good_context', 'bad_context']);
  requireRows(table);
  return table.rows.map((row) => {
    const pair = {
      topic: topicOf(row),
      good: filled(row, 'good'),
      bad: filled(row, 'bad'),
      goodContext: exactText(row, 'good_context'),
      badContext: exactText(row, 'bad_context'),
      where: row.where,
    };
    if (pair.good === pair.bad && pair.goodContext === pair.badContext)
      throw new UserMistake(`${row.where}: good and bad are the same text, so neither can be the more probable.`);
    return pair;
  });
}

function requireRows({ path, rows }: UserTable): void {
  if (rows.length === 0) throw new UserMistake(`${path} has a header and no rows.`);
}

const topicOf = (row: UserRow) => nameCell(row, 'topic', 'every row needs one');

function filled(row: UserRow, name: string): string {
  const text = exactText(row, name);
  if (text.trim() === '') throw new UserMistake(`${row.where}: ${name} is empty; every row needs one.`);
  return text;
}
