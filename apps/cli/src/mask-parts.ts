import { stageRow } from '@galvani/pipeline';
import { foldersOf, type Stage, type StudyFolder } from '@galvani/study';

/** The parts of a study that a mask reads: what the networks stage reads, since a network follows from that. */
export async function maskParts(folder: StudyFolder): Promise<string[]> {
  const upstream = stageRow('networks').reads as readonly Stage[];
  const parts = await Promise.all(upstream.map((stage) => foldersOf(folder, stage)));
  return parts.flat().map(({ name }) => name);
}
