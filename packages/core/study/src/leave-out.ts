import { say } from '@galvani/terminal';
import { replaceStage } from './commit-stage.js';
import type { Stage } from './stage-plan.js';
import type { StudyFolder } from './study-folder.js';
import { openUpstream } from './upstream.js';

/**
 * Leaves a manifest alone of a stage that makes no sense for a study: its facts say why (`absent`), so that whoever waits for the
 * stage finds it done, and it is done again where study.yaml changes. A stage with a folder for each run does so itself.
 *
 * @throws as `openUpstream`
 */
export async function leaveOut(folder: StudyFolder, stage: Stage, absent: string, signal: AbortSignal): Promise<void> {
  say(`${stage}: left out. ${absent}`);
  const { plan, inputs } = await openUpstream(folder, stage, signal);
  await replaceStage(folder, stage, async () => ({ plan, parameters: {}, inputs, facts: { absent } }));
}
