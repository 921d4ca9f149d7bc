import { resolve } from 'node:path';
import { eventTable, sha256OfFile } from '@galvani/artifact';
import { edgeSpaceWarning, planOf, readParameters, readPromptBank, replaceStage, studyFolder } from '@galvani/study';
import { formatCount, type StageArguments, say, warn } from '@galvani/terminal';
import { designRuns } from './design.js';

/** The design stage: plan/design.json and the prompt bank -> design/<run>.parquet. */
export async function designStage(args: Pick<StageArguments, 'study' | 'root'>): Promise<void> {
  const folder = studyFolder(args.study, args.root);
  const [asked, plan] = await Promise.all([readParameters(folder, 'design'), planOf(folder, 'design')]);
  const bankPath = resolve(args.root, asked.prompts);
  const bank = await readPromptBank(bankPath);
  const warning = edgeSpaceWarning(bank, asked.prompts);
  if (warning) warn(warning);
  const runs = designRuns(asked, bank);
  const prompts = runs.reduce((sum, { events }) => sum + events.length, 0);
  await replaceStage(folder, 'design', async (place) => {
    for (const { run, events } of runs) await eventTable.write(place(`${run.name}.parquet`), events);
    const inputs = { [asked.prompts]: await sha256OfFile(bankPath) };
    return { plan, parameters: { ...asked }, inputs, facts: { runs: runs.length, prompts } };
  });
  say(`design: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${formatCount(prompts)} prompts`);
}
