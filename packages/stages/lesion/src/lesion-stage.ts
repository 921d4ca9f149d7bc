import { resolve } from 'node:path';
import { lesionSelectivityTable, lesionTable, lesionTextTable, sha256OfFile } from '@galvani/artifact';
import { openResults, type Recording } from '@galvani/results';
import { readParameters, readPromptBank, replaceStage, studyFolder } from '@galvani/study';
import { modelInputs, openModel, storeFolder } from '@galvani/subject';
import { type StageArguments, say } from '@galvani/terminal';
import { matrixRows, selectivityRows, type TopicTexts } from './lesion-rows.js';
import { lesionSentences } from './lesion-sentences.js';
import { measureChanges } from './measured-changes.js';
import { planLesions } from './planned-lesions.js';
import { unseenTexts } from './unseen-texts.js';

/** Fewest texts of a topic from which anything is said. */
const leastTexts = 4;

/**
 * The lesion stage: maps, recordings, unseen texts of the bank and the model -> lesion/{matrix,selectivity,texts}.parquet.
 * @throws UserMistake for sites that the model does not have or that cannot be intervened on
 */
export async function lesionStage({ study, root, signal }: StageArguments): Promise<void> {
  const folder = studyFolder(study, root);
  const [asked, rule, design, extract] = await Promise.all([
    readParameters(folder, 'lesion'),
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
  const bank = await readPromptBank(bankPath);
  const texts = unseenTexts(bank, design, shown, { most: asked.prompts, least: leastTexts, seed: asked.seed });
  const lesions = await planLesions(results, recordings, design.tasks, { asked, rule });
  const model = await openModel(extract.model, root, await storeFolder(root), signal);
  const path = await model.files(folder.verified);
  const { tokens, untouched, sets } = await measureChanges(path, lesions, texts, { device: extract.device, signal });
  // A text of one token has no loss.
  const topics = [...new Set(texts.map(({ topic }) => topic))]
    .map(
      (topic): TopicTexts => ({
        topic,
        texts: texts.flatMap((text, t) => (text.topic === topic && Number.isFinite(untouched[t]) ? [t] : [])),
      }),
    )
    .filter((own) => own.texts.length >= leastTexts);
  const matrix = sets.flatMap((set) => matrixRows(set, topics, untouched, asked.seed));
  const selectivity = sets.flatMap((set) => selectivityRows(set, topics, asked.seed));
  const read = tokens.map((count, t) => ({
    topic: texts[t].topic,
    prompt_id: texts[t].id,
    tokens: count,
    loss: untouched[t],
  }));
  const own = await modelInputs(extract.model, model.path, folder);
  await replaceStage(folder, 'lesion', async (place) => {
    await lesionTable.write(place('matrix.parquet'), matrix);
    await lesionSelectivityTable.write(place('selectivity.parquet'), selectivity);
    await lesionTextTable.write(place('texts.parquet'), read);
    const parameters = { ...asked, networks: rule, model: { ...extract.model, sha256: model.sha256 } };
    return {
      plan: results.plan,
      parameters,
      inputs: { ...results.inputs, [design.prompts]: await sha256OfFile(bankPath), ...own },
      facts: { lesions: lesions.length },
    };
  });
  if (selectivity.length === 0)
    say(
      'lesion: no network has members in these sites whose topic has unseen texts in the bank, so nothing can be said of any.',
    );
  for (const sentence of lesionSentences(selectivity)) say(`lesion: ${sentence}`);
}
