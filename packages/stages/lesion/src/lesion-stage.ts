import type { LossSubject } from '@galvani/model';
import { studyFolder } from '@galvani/study';
import type { StageArguments } from '@galvani/terminal';
import { lesionTables } from './lesion-results.js';
import { lesionTexts, readUnder } from './lesion-texts.js';
import { measureLosses } from './measured-losses.js';
import { openLesioned } from './open-lesioned.js';
import { type PreparedLesions, prepareLesions } from './prepared-lesions.js';
import { writeLesions } from './write-lesions.js';

/**
 * The lesion stage: maps, recordings of model and twin, texts that no run presents and the model ->
 * lesion/{matrix,selectivity,comparisons,pairs,texts}.parquet. The tables are empty where nothing can be lesioned.
 *
 * @throws UserMistake for sites that a person named and that the model does not have, or that cannot be intervened on
 */
export async function lesionStage(args: StageArguments): Promise<void> {
  const prepared = await prepareLesions(args);
  const subject = await openLesioned(prepared);
  const tables = subject && (await readAll(subject, prepared, args.signal).finally(() => subject.release()));
  const folder = studyFolder(args.study, args.root);
  await writeLesions(folder, tables, { ...prepared.record, lesions: prepared.lesions.length });
}

async function readAll(subject: LossSubject, { lesions, sources }: PreparedLesions, signal: AbortSignal) {
  const texts = await lesionTexts(subject, sources, signal);
  if (texts.tokens.length === 0) return undefined;
  const measured = await measureLosses(subject, lesions, texts.tokens, readUnder(texts), signal);
  return lesionTables(measured, texts, sources.asked.seed);
}
