import { hiddenUnits, namedSites, openModelTokenizer, readTokenEmbedding } from '@galvani/model';
import { countedUnits, membership, openResults, type Results } from '@galvani/results';
import { type Prompt, readParameters, readStudyBank, type StageParameters, type StudyFolder } from '@galvani/study';
import { type OpenModel, openModel, storeFolder } from '@galvani/subject';
import { UserMistake } from '@galvani/terminal';
import { type TaskDirections, taskDirections } from './directions.js';
import { type KnownText, type TextDecoder, textDecoder } from './text-decoder.js';

/** What texts are called that are of no task's topic; no task may bear this name. */
const restTopic = 'rest';

/** What steering a study's model takes. */
export interface PreparedSteering {
  asked: StageParameters['steer'];
  rule: StageParameters['networks'];
  design: StageParameters['design'];
  extract: StageParameters['extract'];
  results: Results & { plan: Awaited<ReturnType<typeof openResults>>['plan']; inputs: Record<string, string> };
  model: OpenModel;
  /** Folder of the model. */
  path: string;
  /** Of the tasks that were asked for whose networks have members in these sites. */
  directions: TaskDirections[];
  decoder: TextDecoder;
  /** Its files with their digests, for the manifest. */
  banks: Record<string, string>;
  bank: Prompt[];
  /** Ids of the prompts of all runs. */
  shown: Set<string>;
}

/**
 * Reads directions from the maps, and has the decoder learn from what the untouched model wrote in the study.
 *
 * @param wanted tasks; default all
 * @throws UserMistake for a model in an .onnx file, a transform of activations, and sites that the model does not have
 */
export async function prepareSteering(
  folder: StudyFolder,
  root: string,
  signal: AbortSignal,
  wanted?: readonly string[],
): Promise<PreparedSteering> {
  const [asked, rule, design, extract, glm] = await Promise.all([
    readParameters(folder, 'steer'),
    readParameters(folder, 'networks'),
    readParameters(folder, 'design'),
    readParameters(folder, 'extract'),
    readParameters(folder, 'glm'),
  ]);
  if (glm.transform !== 'none')
    throw new UserMistake(
      `steering adds effects in the model's own units, and glm.transform is '${glm.transform}', so that the maps hold effects of something else: set it to none.`,
    );
  const results = await openResults(folder, 'steer', signal);
  const model = await openModel(extract.model, root, await storeFolder(root), signal);
  const path = await model.files(folder.verified);
  const tokenizer = await openModelTokenizer(path);
  const known: KnownText[] = [];
  const shown = new Set<string>();
  for (const run of results.runs) {
    const { events, tokens, promptOfRow, isTask } = await results.recording(run);
    for (const [p, { prompt_id, text }] of events.entries()) {
      shown.add(prompt_id);
      const about = { topic: isTask[p] ? run.task : restTopic, session: run.session };
      if (tokenizer) known.push({ ...about, tokens: tokenizer.encode(text), written: false });
      const ids = tokens.flatMap(({ token_id }, row) => (promptOfRow[row] === p ? [token_id] : []));
      if (extract.mode === 'generate') known.push({ ...about, tokens: Int32Array.from(ids), written: true });
    }
  }
  const embedding = await readTokenEmbedding(path);
  if (!embedding)
    throw new UserMistake(
      `the subject is an .onnx file, which does not say where its token embeddings are, and the decoder that judges steered texts learns from these: name the model's checkpoint folder in study.yaml (model).`,
    );
  const directions: TaskDirections[] = [];
  for (const task of wanted ?? design.tasks) {
    const map = await results.map(`task-${task}`);
    const ofTask = {
      ...{ members: membership(map, rule), effect: map.statistic('effect'), counted: countedUnits(map, rule) },
    };
    const named = asked.sites ?? [hiddenUnits(map.sites)];
    const chosen = new Set(named.flatMap((name) => namedSites('steer.sites', name, map.sites)));
    const sites = map.sites.filter((site) => chosen.has(site));
    const own = taskDirections(task, sites, ofTask, asked);
    if (own) directions.push(own);
  }
  const { bank, inputs: banks } = await readStudyBank(root, design);
  const decoder = textDecoder(known, embedding, restTopic);
  return { asked, rule, design, extract, results, model, path, directions, decoder, banks, bank, shown };
}
