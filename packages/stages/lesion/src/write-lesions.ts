import {
  lesionComparisonTable,
  lesionPairTable,
  lesionSelectivityTable,
  lesionTable,
  lesionTextTable,
} from '@galvani/artifact';
import { replaceStage, type StudyFolder } from '@galvani/study';
import { say } from '@galvani/terminal';
import { emptyTables, type LesionTables } from './lesion-results.js';
import { lesionSentences } from './lesion-sentences.js';
import type { PreparedLesions } from './prepared-lesions.js';

/**
 * Ends the stage and says what was found.
 * @param found undefined where nothing can be lesioned or read
 */
export async function writeLesions(
  folder: StudyFolder,
  found: LesionTables | undefined,
  { lesions, ...record }: PreparedLesions['record'] & { lesions: number },
): Promise<void> {
  const tables = found ?? emptyTables;
  await replaceStage(folder, 'lesion', async (place) => {
    await lesionTable.write(place('matrix.parquet'), tables.matrix);
    await lesionSelectivityTable.write(place('selectivity.parquet'), tables.selectivity);
    await lesionComparisonTable.write(place('comparisons.parquet'), tables.comparisons);
    await lesionPairTable.write(place('pairs.parquet'), tables.pairs);
    await lesionTextTable.write(place('texts.parquet'), tables.texts);
    return { ...record, facts: { lesions } };
  });
  if (tables.selectivity.length === 0)
    say(
      'lesion: no network has members in these sites whose topic has texts that no run presents, so nothing can be said of any.',
    );
  for (const sentence of lesionSentences(tables.selectivity)) say(`lesion: ${sentence}`);
}
