import { readParameters, type StudyFolder } from '@galvani/study';
import { didYouMean, UserMistake } from '@galvani/terminal';

/**
 * All runs of a study by name, and those of them that are wanted: one, or all where none is named.
 * @throws UserMistake where the study has no such run
 */
export async function runsToRecord(folder: StudyFolder, run?: string): Promise<{ all: string[]; wanted: string[] }> {
  const all = (await readParameters(folder, 'runs')).map(({ name }) => name);
  if (run !== undefined && !all.includes(run))
    throw new UserMistake(
      `there is no run '${run}' in this study.${didYouMean(run, all)} plan/runs.json lists its ${all.length} runs.`,
    );
  return { all, wanted: run === undefined ? all : [run] };
}
