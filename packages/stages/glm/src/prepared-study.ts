import { sha256OfFile } from '@galvani/artifact';
import { openResults, type Recording } from '@galvani/results';
import { located, readParameters, type StageParameters, studyFolder } from '@galvani/study';
import { Failure, type StageArguments } from '@galvani/terminal';
import { designOfRuns } from './design/design-of-runs.js';
import { readStudyConfounds } from './design/study-confounds.js';
import type { PreparedGlm } from './fit/prepared-glm.js';
import { type DerivedMap, derivedMapsOf, type FirstLevelMap, firstLevelMapsOf } from './maps/planned-maps.js';
import { prepareMaps } from './maps/prepare-maps.js';

/** A study before any activation is read: its recordings, and the maps that are to be made of them. */
export interface PreparedStudy {
  asked: StageParameters['glm'];
  recordings: Recording[];
  layers: readonly string[];
  firstLevel: FirstLevelMap[];
  derived: DerivedMap[];
  /** Models of the first-level maps, whose null distributions begin empty. */
  glms: PreparedGlm[];
  /** Of all runs together. */
  whole: ReturnType<typeof designOfRuns>;
  /** For the manifest. */
  record: { plan: Record<string, unknown>; parameters: Record<string, unknown>; inputs: Record<string, string> };
}

/** Where a study lies, and who ends the work on it. */
export type StudyArguments = Pick<StageArguments, 'study' | 'signal'> & { root?: string };

export async function prepareStudy({ study, root, signal }: StudyArguments): Promise<PreparedStudy> {
  const folder = studyFolder(study, root);
  const asked = await readParameters(folder, 'glm');
  const { plan, inputs, runs, recording } = await openResults(folder, 'glm', signal);
  const recordings: Recording[] = [];
  for (const run of runs) recordings.push(await recording(run));
  const [{ run: firstRun, layers }] = recordings;
  const odd = recordings.find((own) => own.layers.join() !== layers.join());
  if (odd) throw new Failure(`${odd.run.name} has other layers than ${firstRun.name}: extract all runs alike.`);
  const confoundsPath = asked.confounds === undefined ? undefined : located(root ?? '.', asked.confounds);
  const confounds = confoundsPath === undefined ? undefined : await readStudyConfounds(confoundsPath, recordings);
  const [firstLevel, derived] = [firstLevelMapsOf(runs, asked), derivedMapsOf(runs, asked)];
  return {
    asked,
    recordings,
    layers,
    firstLevel,
    derived,
    glms: prepareMaps(firstLevel, recordings, asked, confounds),
    whole: designOfRuns(recordings, asked, confounds, asked.rest === 'none'),
    record: {
      plan,
      parameters: { ...asked },
      inputs: { ...inputs, ...(confoundsPath && { [asked.confounds!]: await sha256OfFile(confoundsPath) }) },
    },
  };
}
