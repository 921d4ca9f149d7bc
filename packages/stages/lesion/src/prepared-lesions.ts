import { sha256OfFile } from '@galvani/artifact';
import { openResults, type Recording, type Results } from '@galvani/results';
import { located, readParameters, readStudyBank, type StageParameters, studyFolder } from '@galvani/study';
import { modelInputs, openModel, storeFolder } from '@galvani/subject';
import { type StageArguments, say } from '@galvani/terminal';
import type { TextSources } from './lesion-texts.js';
import { type PlannedLesion, planLesions } from './planned-lesions.js';

/** What the stage is told and reads, and the lesions that follow from it. */
export interface PreparedLesions {
  lesions: PlannedLesion[];
  sources: TextSources;
  device: StageParameters['extract']['device'];
  modelFiles: () => Promise<string>;
  /** For the manifest. */
  record: { plan: Record<string, unknown>; parameters: Record<string, unknown>; inputs: Record<string, string> };
}

/** Reads maps and recordings, and plans what is lesioned. */
export async function prepareLesions({ study, root, signal }: StageArguments): Promise<PreparedLesions> {
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
  const recordings = await recordingsOf(results);
  const { bank, inputs: banks } = await readStudyBank(root, design);
  const lesions = await planLesions(results, recordings, design.tasks, { asked, rule });
  if (lesions.length > 0 && 'absent' in twin)
    say(`lesion: nothing is compared with the units that respond most in the untrained twin: ${twin.absent}`);
  const model = await openModel(extract.model, root, await storeFolder(root), signal);
  const inputs = {
    ...results.inputs,
    ...banks,
    ...(await tableInputs(asked, root)),
    ...(await modelInputs(extract.model, model.path, folder)),
  };
  const shown = new Set(recordings.flatMap(({ events }) => events.map(({ prompt_id }) => prompt_id)));
  return {
    lesions,
    sources: { root, asked, presentation: extract, design, bank, shown },
    device: extract.device,
    modelFiles: () => model.files(folder.verified),
    record: {
      plan: results.plan,
      parameters: { ...asked, networks: rule, model: { ...extract.model, sha256: model.sha256 } },
      inputs,
    },
  };
}

async function recordingsOf({ runs, recording }: Results): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const run of runs) recordings.push(await recording(run));
  return recordings;
}

/** A person's own texts and pairs. */
async function tableInputs({ texts, pairs }: StageParameters['lesion'], root: string): Promise<Record<string, string>> {
  const inputs: Record<string, string> = {};
  for (const path of [texts, pairs]) if (path !== undefined) inputs[path] = await sha256OfFile(located(root, path));
  return inputs;
}
