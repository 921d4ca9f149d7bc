import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeOutput, eventsPath, sha256OfFile, studyFolder, writeEvents } from '@galvani/artifact';
import { commitStage, edgeSpaceWarning, planOf, readPromptBank, readSlice } from '@galvani/study';
import { formatCount, type StageArguments, say, warn } from '@galvani/terminal';
import { designRuns } from './design.js';

/** The design stage: plan/design.json and the prompt bank -> design/<run>.parquet. */
export async function runDesign(args: Pick<StageArguments, 'study' | 'root'>): Promise<void> {
  const folder = studyFolder(args.study, args.root);
  const [slice, plan] = await Promise.all([readSlice(folder, 'design'), planOf(folder, 'design')]);
  const bankPath = resolve(args.root, slice.prompts);
  const bank = await readPromptBank(bankPath);
  const warning = edgeSpaceWarning(bank, slice.prompts);
  if (warning) warn(warning);
  const runs = designRuns(slice, bank);
  // What an earlier plan left would be taken for part of this one.
  await rm(folder.design, { recursive: true, force: true });
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  for (const { run, events } of runs) {
    await writeEvents(eventsPath(folder, run.name), events);
    outputs[`${run.name}.parquet`] = await describeOutput(eventsPath(folder, run.name));
  }
  const prompts = runs.reduce((sum, { events }) => sum + events.length, 0);
  await commitStage(folder, 'design', folder.design, {
    plan,
    parameters: { ...slice },
    inputs: { [slice.prompts]: await sha256OfFile(bankPath) },
    outputs,
    facts: { runs: runs.length, prompts },
  });
  say(`design: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${formatCount(prompts)} prompts`);
}
