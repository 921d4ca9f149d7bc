import { studyFolder } from '@galvani/study';
import { readActivity, readDecoding, type StudyArguments } from './prepared-decoding.js';
import { writeDecoding } from './write-decoding.js';

/** The decode stage: events and activations -> decode/{scores,predictions,accuracy,confusion}.parquet. */
export async function decodeStage(args: StudyArguments): Promise<void> {
  const decoding = await readDecoding(args);
  const { record, folds } = await readActivity(args, decoding);
  const all = await folds([...decoding.sessions.keys()]);
  await writeDecoding(studyFolder(args.study, args.root), decoding, all, record);
}
