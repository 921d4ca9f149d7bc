import { resolve } from 'node:path';
import { sha256OfFile, writeEvents } from '@galvani/artifact';
import { edgeSpaceWarning, planOf, readPromptBank, readSlice, replaceStage, studyFolder } from '@galvani/study';
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
  const prompts = runs.reduce((sum, { events }) => sum + events.length, 0);
  await replaceStage(folder, 'design', async (place) => {
    for (const { run, events } of runs) await writeEvents(place(`${run.name}.parquet`), events);
    const inputs = { [slice.prompts]: await sha256OfFile(bankPath) };
    return { plan, parameters: { ...slice }, inputs, facts: { runs: runs.length, prompts } };
  });
  say(`design: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${formatCount(prompts)} prompts`);
}
