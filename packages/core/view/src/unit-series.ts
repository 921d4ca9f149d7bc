import { concatenate } from '@galvani/numerics';
import type { MapSite, Recording } from '@galvani/results';
import type { RecordingStage } from '@galvani/study';
import { Failure } from '@galvani/terminal';
import type { OpenStudy } from './open-study.js';

/**
 * The part `series/<site>/<unit>.arrow`: a unit at every recorded row, run after run in the study's order; where a study keeps prompts'
 * means, those, a value for each prompt. Runs that were not recorded have no values.
 *
 * @param sites of the study
 * @param stage `twin`: of the untrained twin, as `twin/<site>/<unit>.arrow`
 * @throws Failure where the study has no such site or unit
 */
export async function unitSeries(
  { results }: OpenStudy,
  sites: readonly MapSite[],
  name: string,
  unit: number,
  stage: RecordingStage = 'extract',
): Promise<Float32Array> {
  const site = sites.find((each) => each.site === name);
  if (!site) throw new Failure(`${name} is no recorded site of this study.`);
  if (!(unit >= 0 && unit < site.width))
    throw new Failure(`${name} has units 0 to ${site.width - 1}, and not ${unit}.`);
  const runs = await recordedRuns({ results }, stage);
  const parts = await Promise.all(runs.map((run) => run.storedUnits(name, [unit])));
  return concatenate([new Float32Array(0), ...parts.map(([values]) => values)]);
}

/** The runs that were recorded, in the study's order; of the untrained twin those that were recorded of it too. */
export async function recordedRuns(
  { results }: Pick<OpenStudy, 'results'>,
  stage: RecordingStage = 'extract',
): Promise<Recording[]> {
  const recorded = results.runs.filter((run) => results.manifests.has(`extract/${run.name}`));
  const read = await Promise.all(
    recorded.map((run) => (stage === 'twin' ? results.twin(run) : results.recording(run))),
  );
  return read.filter((each) => each !== undefined);
}
