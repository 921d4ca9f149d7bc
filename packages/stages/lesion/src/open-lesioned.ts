import { type LossSubject, openLossSubject } from '@galvani/model';
import { UserMistake, warn } from '@galvani/terminal';
import type { PreparedLesions } from './prepared-lesions.js';

/**
 * The model, loaded for lesions. Where a person named the sites and they cannot be changed that is told, else a warning is given.
 *
 * @returns undefined where there is nothing to lesion
 */
export async function openLesioned({
  lesions,
  modelFiles,
  device,
  sources,
}: PreparedLesions): Promise<LossSubject | undefined> {
  const sites = [...new Set(lesions.flatMap(({ changes }) => changes.map(({ site }) => site)))];
  if (sites.length === 0) return undefined;
  try {
    return await openLossSubject(await modelFiles(), { interventions: { include: sites }, device });
  } catch (error) {
    if (sources.asked.named || !(error instanceof UserMistake)) throw error;
    warn(`nothing is lesioned: ${error.message}`);
    return undefined;
  }
}
