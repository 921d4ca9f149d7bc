import { readParameters, studyFolder } from '@galvani/study';
import type { StageArguments } from '@galvani/terminal';
import { recordStudy } from './record-study.js';

/**
 * The extract stage: plan/extract.json and design/<run>.parquet -> extract/<run>/<layer>.arrow, tokens.parquet and, last,
 * manifest.json.
 * @throws as `recordStudy`
 */
export async function extractStage(args: StageArguments): Promise<void> {
  const asked = await readParameters(studyFolder(args.study, args.root), 'extract');
  await recordStudy(args, 'extract', asked);
}
