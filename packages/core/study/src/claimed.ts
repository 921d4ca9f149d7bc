import { withClaims } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import { type Share, UserMistake } from '@galvani/terminal';
import { leaveOut } from './leave-out.js';
import { readAbsence } from './parameters-file.js';
import { shareFolder } from './shares/share-name.js';
import { foldersOf, type Stage, stagesRead } from './stage-plan.js';
import { studyFolder } from './study-folder.js';

/**
 * A stage that keeps out of the way of other commands at work on the same study: no other writes what it reads, or what it
 * writes, until it is done. A stage that writes run by run claims each run itself.
 *
 * Of a study for which the stage makes no sense it leaves a manifest that says so, and returns nothing.
 *
 * @param shares that are all that is done of the stage: others may do other shares meanwhile, and nobody the whole
 */
export function claimed<Arguments, Result>(
  stage: Stage,
  work: (args: Arguments) => Promise<Result>,
  shares?: readonly Share[],
): (args: Arguments & { study: string; root?: string; signal: AbortSignal }) => Promise<Result> {
  return (args) => {
    const folder = studyFolder(args.study, args.root);
    const { signal } = args;
    return withClaims(folder, { read: ['plan'] }, signal, async () => {
      const parts: string[] = [];
      for (const upstream of stagesRead(stage))
        parts.push(...(await foldersOf(folder, upstream)).map(({ name }) => name));
      if (shares) parts.push(stage);
      const whole = stageRow(stage).per === 'run' ? [] : [stage];
      const write = shares ? shares.map((share) => shareFolder(stage, share)) : whole;
      return withClaims(folder, { read: parts, write }, signal, async (both) => {
        const absent = await readAbsence(folder, stage);
        if (absent === undefined) return work({ ...args, signal: both });
        if (stageRow(stage).byHand) throw new UserMistake(`the study has no ${stage}. ${absent}`);
        return leaveOut(folder, stage, absent, both) as Promise<Result>;
      });
    });
  };
}
