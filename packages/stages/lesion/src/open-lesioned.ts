import { type LossSubject, openLossSubject } from '@galvani/model';
import { UserMistake, warn } from '@galvani/terminal';
import type { PlannedLesion } from './planned-lesions.js';

/**
 * The model, loaded for lesions.
 *
 * @param files where it lies; asked where there is something to lesion alone
 * @param required whether a person named the sites, who is told where they cannot be changed; else a warning is given
 * @returns undefined where there is nothing to lesion
 */
export async function openLesioned(
  files: () => Promise<string>,
  lesions: readonly PlannedLesion[],
  device: 'cpu' | 'cuda' | 'webgpu',
  required: boolean,
): Promise<LossSubject | undefined> {
  const sites = [...new Set(lesions.flatMap(({ changes }) => changes.map(({ site }) => site)))];
  if (sites.length === 0) return undefined;
  try {
    return await openLossSubject(await files(), { interventions: { include: sites }, device });
  } catch (error) {
    if (required || !(error instanceof UserMistake)) throw error;
    warn(`nothing is lesioned: ${error.message}`);
    return undefined;
  }
}
