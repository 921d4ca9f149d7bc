import { eventTable, vocabularyTable } from '@galvani/artifact';
import { edgeSpaceWarning, planOf, readParameters, readStudyBank, replaceStage, studyFolder } from '@galvani/study';
import { formatCount, type StageArguments, say, warn } from '@galvani/terminal';
import { designRuns } from './design.js';
import { studyTokenizer, vocabularyOf } from './model-tokenizer.js';

/** The design stage: plan/design.json, the prompt bank and the model's tokenizer -> design/<run>.parquet, vocabulary.parquet. */
export async function designStage(
  args: Pick<StageArguments, 'study' | 'root'> & Partial<StageArguments>,
): Promise<void> {
  const folder = studyFolder(args.study, args.root);
  const [asked, plan] = await Promise.all([readParameters(folder, 'design'), planOf(folder, 'design')]);
  const { bank, inputs: banks } = await readStudyBank(args.root, asked);
  const warning = edgeSpaceWarning(bank, asked.prompts.join(', '));
  if (warning) warn(warning);
  const { model } = await readParameters(folder, 'extract');
  const read = await studyTokenizer(model, args.root, folder, args.signal);
  const count = read && ((text: string) => read.tokenizer.encode(text).length);
  const runs = designRuns(asked, bank, count);
  const prompts = runs.reduce((sum, { events }) => sum + events.length, 0);
  await replaceStage(folder, 'design', async (place) => {
    for (const { run, events } of runs) await eventTable.write(place(`${run.name}.parquet`), events);
    if (read) await vocabularyTable.write(place('vocabulary.parquet'), vocabularyOf(read.tokenizer));
    const inputs = { ...banks, ...read?.inputs };
    return { plan, parameters: { ...asked }, inputs, facts: { runs: runs.length, prompts } };
  });
  say(`design: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${formatCount(prompts)} prompts`);
}
