import { resolve } from 'node:path';
import {
  lesionComparisonTable,
  lesionPairTable,
  lesionSelectivityTable,
  lesionTable,
  lesionTextTable,
  sha256OfFile,
} from '@galvani/artifact';
import { openResults, type Recording } from '@galvani/results';
import { readParameters, readPromptBank, replaceStage, type StageParameters, studyFolder } from '@galvani/study';
import { modelInputs, openModel, storeFolder } from '@galvani/subject';
import { type StageArguments, say } from '@galvani/terminal';
import { emptyTables, lesionTables } from './lesion-results.js';
import { lesionSentences } from './lesion-sentences.js';
import { openLesioned } from './open-lesioned.js';
import { planLesions } from './planned-lesions.js';

/**
 * The lesion stage: maps, recordings of model and twin, texts that no run presents and the model ->
 * lesion/{matrix,selectivity,comparisons,pairs,texts}.parquet. The tables are empty where nothing can be lesioned.
 *
 * @throws UserMistake for sites that a person named and that the model does not have, or that cannot be intervened on
 */
export async function lesionStage({ study, root, signal }: StageArguments): Promise<void> {
  const folder = studyFolder(study, root);
  const [asked, twin, rule, design, extract] = await Promise.all([
    readParameters(folder, 'lesion'),
    readParameters(folder, 'twin'),
    readParameters(folder, 'networks'),
    readParameters(folder, 'design'),
    readParameters(folder, 'extract'),
  ]);
  const results = await openResults(folder, 'lesion', signal, {
    // What is put in place of units is what the model itself has there.
    transform: 'none',
  });
  const recordings: Recording[] = [];
  for (const run of results.runs) recordings.push(await results.recording(run));
  const shown = new Set(recordings.flatMap(({ events }) => events.map(({ prompt_id }) => prompt_id)));
  const bankPath = resolve(root, design.prompts);
  const lesions = await planLesions(results, recordings, design.tasks, { asked, rule });
  if (lesions.length > 0 && 'absent' in twin)
    say(`lesion: nothing is compared with the units that respond most in the untrained twin: ${twin.absent}`);
  const model = await openModel(extract.model, root, await storeFolder(root), signal);
  const subject = await openLesioned(() => model.files(folder.verified), lesions, extract.device, asked.named);
  const sources = { root, asked, design, bank: await readPromptBank(bankPath), shown };
  const tables = subject
    ? await lesionTables(subject, lesions, sources, signal).finally(() => subject.release())
    : emptyTables;
  const inputs = {
    ...results.inputs,
    [design.prompts]: await sha256OfFile(bankPath),
    ...(await tableInputs(asked, root)),
    ...(await modelInputs(extract.model, model.path, folder)),
  };
  await replaceStage(folder, 'lesion', async (place) => {
    await lesionTable.write(place('matrix.parquet'), tables.matrix);
    await lesionSelectivityTable.write(place('selectivity.parquet'), tables.selectivity);
    await lesionComparisonTable.write(place('comparisons.parquet'), tables.comparisons);
    await lesionPairTable.write(place('pairs.parquet'), tables.pairs);
    await lesionTextTable.write(place('texts.parquet'), tables.texts);
    const parameters = { ...asked, networks: rule, model: { ...extract.model, sha256: model.sha256 } };
    return { plan: results.plan, parameters, inputs, facts: { lesions: lesions.length } };
  });
  if (tables.selectivity.length === 0)
    say(
      'lesion: no network has members in these sites whose topic has texts that no run presents, so nothing can be said of any.',
    );
  for (const sentence of lesionSentences(tables.selectivity)) say(`lesion: ${sentence}`);
}

/** A person's own texts and pairs. */
async function tableInputs({ texts, pairs }: StageParameters['lesion'], root: string): Promise<Record<string, string>> {
  const inputs: Record<string, string> = {};
  for (const path of [texts, pairs]) if (path !== undefined) inputs[path] = await sha256OfFile(resolve(root, path));
  return inputs;
}
