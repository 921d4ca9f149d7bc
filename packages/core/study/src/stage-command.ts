import { join } from 'node:path';
import { manifestName } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import { advised, Failure, listed } from '@galvani/terminal';
import type { Stage } from './stage-plan.js';

/** The command of a stage, for advice; with `call: inArtifact` for what is written down. */
export function commandOf(stage: Stage, call = advised): string {
  return call(`${stage}${stageRow(stage).studyOption ? ' --study' : ''}`, stage);
}

/** A command as an artifact names it, whoever makes it. */
export const inArtifact = (words: string) => `galvani ${words}`;

/**
 * That folders are missing whose files somebody wants to read. One stage is run by its own command; what several have not done takes one command too.
 * @param missing in the order in which stages run, at least one
 */
export function missingFailure(missing: readonly { stage: Stage; path: string }[]): Failure {
  const [{ stage, path }] = missing;
  const others = [...new Set(missing.map((each) => each.stage))].slice(1);
  const first = `${join(path, manifestName)} is missing`;
  if (others.length === 0) return new Failure(`${first}: run ${commandOf(stage)} first.`);
  return new Failure(
    `${first}, and so is what ${listed(others)} ${others.length === 1 ? 'writes' : 'write'}: ${advised('run', 'all')} makes all that is missing.`,
  );
}
