import { readParameters, type StudyFolder } from '@galvani/study';
import { didYouMean, UserMistake } from '@galvani/terminal';

/**
 * All runs of a study by name, and those of them that are wanted, in the order in which they are named: all where none is.
 * @throws UserMistake where the study has no such run
 */
export async function runsToRecord(
  folder: StudyFolder,
  runs?: readonly string[],
): Promise<{ all: string[]; wanted: string[] }> {
  const all = (await readParameters(folder, 'runs')).map(({ name }) => name);
  const unknown = runs?.find((run) => !all.includes(run));
  if (unknown !== undefined)
    throw new UserMistake(
      `there is no run '${unknown}' in this study.${didYouMean(unknown, all)} plan/runs.json lists its ${all.length} runs.`,
    );
  return { all, wanted: runs ? [...new Set(runs)] : all };
}
