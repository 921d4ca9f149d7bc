import { readUserTable } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';
import type { GroupStudy } from './group-study.js';

/** What a person says of each study: a number, or which of two groups it is of. */
export interface Covariate {
  name: string;
  /** Of two groups, in the order in which the file names them. */
  groups?: [string, string];
  /** A number for each study; of groups 0 or 1. */
  values: number[];
}

/**
 * Reads a table with a row for each study: the column `study` (its folder's name, or as it was named on the command line), and covariates. Columns
 * of numbers are taken as they are, others as groups.
 *
 * @throws UserMistake that names the file and the line, for a study without a row, a cell without a value, and a column of other than two groups
 */
export async function readCovariates(
  path: string,
  studies: readonly Pick<GroupStudy, 'label' | 'named'>[],
): Promise<Covariate[]> {
  const { names, rows } = await readUserTable(path);
  if (!names.includes('study'))
    throw new UserMistake(
      `${path} has no column 'study'; its columns are ${names.join(', ')}. Give a row for each study, with its name in the column 'study'.`,
    );
  const others = names.filter((name) => name !== 'study');
  if (others.length === 0)
    throw new UserMistake(`${path} has no column beside 'study': give one for each covariate, such as parameters.`);
  const own = studies.map((study) => {
    const found = rows.filter(({ cells }) => [study.label, study.named].includes(String(cells.get('study'))));
    if (found.length !== 1)
      throw new UserMistake(
        `${path} has ${found.length === 0 ? 'no row' : `${found.length} rows`} for the study ${study.label}: give one, with ${study.label} in the column 'study'.`,
      );
    return found[0];
  });
  return others.map((name) => {
    const texts = own.map(({ cells, where }) => {
      const text = String(cells.get(name) ?? '').trim();
      if (text === '') throw new UserMistake(`${where}: ${name} is empty; give a number or the name of a group.`);
      return text;
    });
    const numbers = texts.map(Number);
    if (numbers.every(Number.isFinite)) {
      if (new Set(numbers).size === 1)
        throw new UserMistake(`${path}: ${name} is ${texts[0]} for every study, so nothing can be compared by it.`);
      return { name, values: numbers };
    }
    const groups = [...new Set(texts)];
    if (groups.length !== 2)
      throw new UserMistake(
        `${path}: ${name} has ${groups.length === 1 ? 'one group' : `${groups.length} groups`} (${groups.join(', ')}), and two are compared. Give numbers, or two groups.`,
      );
    return { name, groups: [groups[0], groups[1]], values: texts.map((text) => groups.indexOf(text)) };
  });
}
