import { resolve } from 'node:path';
import { lesionSelectivityTable, lesionTable, lesionTextTable, sha256OfFile } from '@galvani/artifact';
import { openLossSubject, type UnitChange } from '@galvani/model';
import { countedUnits, type MapSite, membership, openResults, type Recording, type Results } from '@galvani/results';
import { readParameters, readPromptBank, replaceStage, type StageParameters, studyFolder } from '@galvani/study';
import { encodePrompts, modelInputs, openModel, storeFolder } from '@galvani/subject';
import { formatCount, type StageArguments, say, startProgress } from '@galvani/terminal';
import { type LesionChanges, matrixRows, selectivityRows, type TopicTexts } from './lesion-rows.js';
import { lesionSentences } from './lesion-sentences.js';
import { lesionedSites } from './lesioned-sites.js';
import { type NetworkLesion, networkLesion, strongestMembers } from './network-lesions.js';
import { restActivity } from './rest-activity.js';
import { unseenTexts } from './unseen-texts.js';

/** A lesion that is to be made. */
interface PlannedLesion extends NetworkLesion {
  sites: string;
  kind: StageParameters['lesion']['kinds'][number];
  dose: number;
  network: string;
}

/** Fewest texts of a topic from which anything is said. */
const leastTexts = 4;

/**
 * The lesion stage: maps, recordings, unseen texts of the bank and the model -> lesion/{matrix,selectivity,texts}.parquet.
 * @throws UserMistake for a model in an .onnx file, and for sites that it does not have
 */
export async function lesionStage({ study, root, signal }: StageArguments): Promise<void> {
  const folder = studyFolder(study, root);
  const [asked, rule, design, extract] = await Promise.all([
    readParameters(folder, 'lesion'),
    readParameters(folder, 'networks'),
    readParameters(folder, 'design'),
    readParameters(folder, 'extract'),
  ]);
  const results = await openResults(folder, 'lesion', signal);
  const recordings: Recording[] = [];
  for (const run of results.runs) recordings.push(await results.recording(run));
  const shown = new Set(recordings.flatMap(({ events }) => events.map(({ prompt_id }) => prompt_id)));
  const bankPath = resolve(root, design.prompts);
  const bank = await readPromptBank(bankPath);
  const texts = unseenTexts(bank, design, shown, { most: asked.prompts, least: leastTexts, seed: asked.seed });
  const lesions = await planLesions(results, recordings, design.tasks, { asked, rule });
  const model = await openModel(extract.model, root, await storeFolder(root), signal);
  const sites = [...new Set(lesions.flatMap(({ changes }) => changes.map(({ site }) => site)))];
  const path = await model.files(folder.verified);
  const measured: { changes: Float64Array[]; untouched: Float64Array; tokens: number[] } = {
    changes: [],
    untouched: new Float64Array(texts.length),
    tokens: [],
  };
  if (sites.length > 0 && texts.length > 0) {
    const subject = await openLossSubject(path, { interventions: { include: sites }, device: extract.device });
    try {
      const encoded = await encodePrompts(
        texts.map(({ id, text }) => ({ prompt_id: id, text })),
        subject,
        0,
        { signal },
      );
      const changes: UnitChange[][] = [[], ...lesions.flatMap((lesion) => [lesion.changes, ...lesion.controls])];
      const tokens = encoded.reduce((sum, { length }) => sum + length, 0);
      say(
        `lesion: ${formatCount(changes.length - 1)} lesions, those of controls included, of ${formatCount(texts.length)} texts: ${formatCount(changes.length * tokens)} tokens to read`,
      );
      const progress = startProgress('lesion', changes.length * tokens, 'tokens');
      const losses = await subject
        .losses({ texts: encoded, changes, signal, onTokens: (count) => progress.advance(count) })
        .finally(() => progress.finish());
      measured.untouched = losses[0];
      measured.tokens = encoded.map(({ length }) => length);
      measured.changes = losses.slice(1).map((own) => own.map((loss, t) => loss - losses[0][t]));
    } finally {
      await subject.release();
    }
  }
  // A text of one token has no loss.
  const topics = [...new Set(texts.map(({ topic }) => topic))]
    .map(
      (topic): TopicTexts => ({
        topic,
        texts: texts.flatMap((text, t) => (text.topic === topic && Number.isFinite(measured.untouched[t]) ? [t] : [])),
      }),
    )
    .filter((own) => own.texts.length >= leastTexts && measured.changes.length > 0);
  const sets = lesionSets(lesions, measured.changes);
  const matrix = sets.flatMap((set) => matrixRows(set, topics, measured.untouched, asked.seed));
  const selectivity = sets.flatMap((set) => selectivityRows(set, topics, asked.seed));
  const read = texts.map(({ topic, id }, t) => ({
    ...{ topic, prompt_id: id, tokens: measured.tokens[t], loss: measured.untouched[t] },
  }));
  const own = await modelInputs(extract.model, path, folder);
  await replaceStage(folder, 'lesion', async (place) => {
    await lesionTable.write(place('matrix.parquet'), matrix);
    await lesionSelectivityTable.write(place('selectivity.parquet'), selectivity);
    await lesionTextTable.write(place('texts.parquet'), measured.changes.length > 0 ? read : []);
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

interface Options {
  asked: StageParameters['lesion'];
  rule: StageParameters['networks'];
}

/** Lesions of every network, in each set of sites, of each kind and dose; of networks without members there none. */
async function planLesions(
  results: Results,
  recordings: readonly Recording[],
  tasks: readonly string[],
  { asked, rule }: Options,
): Promise<PlannedLesion[]> {
  const maps = new Map<string, Awaited<ReturnType<Results['map']>>>();
  for (const task of tasks) maps.set(task, await results.map(`task-${task}`));
  const [first] = maps.values();
  const named = asked.sites.map((name) => ({ name, sites: lesionedSites(name, first.sites) }));
  const used = new Map<string, MapSite>(named.flatMap(({ sites }) => sites.map((site) => [site.site, site])));
  const progress = startProgress('lesion: reading rest', recordings.length, 'runs');
  const atRest = await restActivity(recordings, [...used.values()], () => progress.advance());
  progress.finish();
  const counted = countedUnits(first, rule);
  const largest = Math.max(...asked.doses);
  const lesions: PlannedLesion[] = [];
  for (const { name, sites } of named)
    for (const kind of asked.kinds)
      for (const dose of [...new Set(asked.doses)].sort((a, b) => a - b))
        for (const [network, map] of maps) {
          const parts = strongestMembers(sites, membership(map, rule), map.statistic('t'), counted, dose);
          if (parts.length === 0) continue;
          const controls = dose === largest ? asked.controls : Math.max(19, Math.ceil(asked.controls / 5));
          const names = [asked.seed, 'lesion', name, kind, dose, network];
          lesions.push({ sites: name, kind, dose, network, ...networkLesion(parts, atRest, kind, controls, names) });
        }
  return lesions;
}

/** What lesions and their controls did, by sets that are one family: the same sites, kind and dose. */
function lesionSets(lesions: readonly PlannedLesion[], changes: readonly Float64Array[]): LesionChanges[][] {
  if (changes.length === 0) return [];
  const sets = new Map<string, LesionChanges[]>();
  let at = 0;
  for (const { sites, kind, dose, network, units, controls, imbalance } of lesions) {
    const key = JSON.stringify([sites, kind, dose]);
    const change = changes[at];
    const ofControls = changes.slice(at + 1, at + 1 + controls.length);
    at += 1 + controls.length;
    const set = sets.get(key) ?? [];
    set.push({ sites, kind, dose, network, units, change, controls: ofControls, imbalance });
    sets.set(key, set);
  }
  return [...sets.values()];
}
