import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stageTable } from '@galvani/pipeline';

/**
 * The variable that says of a study what its stages measured that nobody has to run. It is what Nx hashes in their place: they are no
 * task's output.
 * @param {string} study name of its folder
 */
export const measuredVariable = (study) => `GALVANI_MEASURED_${study.replace(/\W/g, '_')}`;

/**
 * These variables of all studies that have derivatives.
 * @param {string} root the workspace
 */
export function measuredByHand(root) {
  const derivatives = join(root, 'data/derivatives');
  /** @type {Record<string, string>} */
  const measured = {};
  for (const study of namesIn(derivatives)) {
    const digest = createHash('sha256');
    for (const { name, byHand } of /** @type {readonly import('@galvani/pipeline').StageRow[]} */ (stageTable))
      if (byHand) digest.update(`${name} ${manifestIn(join(derivatives, study, name))}\n`);
    measured[measuredVariable(study)] = digest.digest('hex');
  }
  return measured;
}

/** @param {string} folder */
function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * A stage's manifest, which has the digest of each of its files.
 * @param {string} folder
 */
function manifestIn(folder) {
  try {
    return readFileSync(join(folder, 'manifest.json'), 'utf8');
  } catch {
    return 'none';
  }
}
