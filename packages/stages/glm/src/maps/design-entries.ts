import type { DesignEntry } from '@galvani/artifact';
import { designOfMeans } from '../fit/prepared-glm.js';
import type { PreparedStudy } from '../prepared-study.js';

/** The designs of the maps of tasks, a row for each prompt, whose entries other than 0 are given column after column. */
export function designEntries({
  firstLevel,
  glms,
  recordings,
}: Pick<PreparedStudy, 'firstLevel' | 'glms' | 'recordings'>): DesignEntry[] {
  return firstLevel
    .filter(({ kind }) => kind === 'task')
    .flatMap(({ name, contrast: task, runs }) => {
      const { design, layout } = glms.find(({ contrasts }) => contrasts.has(name))!;
      const { names, X, columns } = designOfMeans(design, layout)!.design;
      const presented = recordings
        .filter(({ run }) => runs.some((own) => own.name === run.name))
        .flatMap(({ run, events }) => events.map((_, prompt) => ({ run: run.name, prompt })));
      return names.flatMap((column, j) =>
        presented.flatMap((prompt, i) => {
          const value = X[i * columns + j];
          return value === 0 ? [] : [{ task, column, ...prompt, value }];
        }),
      );
    });
}
