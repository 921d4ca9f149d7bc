import { damagedOutputs, manifestName, requireManifest } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import { Failure } from '@galvani/terminal';
import { filesIn, missingFolders } from './missing-folders.js';
import { readAbsence, readPlanned } from './parameters-file.js';
import { planDifferences } from './plan-difference.js';
import { commandOf } from './stage-command.js';
import type { PlannedParameters } from './stage-parameters.js';
import { foldersOf, type Stage, stages } from './stage-plan.js';
import type { StudyFolder } from './study-folder.js';
import { readManifests, type StageFolder, staleFolders } from './upstream.js';

/** What was found of one stage. */
export interface StageVerdict {
  stage: Stage | 'plan';
  /** Why the study has no such stage, where that is so. */
  absent?: string;
  /** Folders with a manifest: one, for `extract` one for each run. */
  folders: number;
  /** Files that the manifests list, and their bytes. */
  files: number;
  bytes: number;
  /** What is wrong, each with its file or folder in the study: `glm/task-a/block-00.arrow differs from its checksum`. */
  problems: string[];
}

/**
 * Holds a study on disk against its manifests: every listed file is read and compared with its checksum, whatever is
 * remembered of it; every file that lies in a stage's folder has to be listed; and every manifest has to be of the plan and of
 * the files upstream as they are on disk. A stage that never ran is no problem; one that left files without a
 * manifest is, and so is a folder that is missing where other runs, or stages that were made from it, are there.
 *
 * @param folder of a study whose plan cannot be read, as `readableStudy` gives it
 * @param options.asked what study.yaml asks for now; the plan on disk has to be the same. Default: it is not compared
 * @param options.onBytes told of every file that was read
 * @returns a verdict for the plan and for each stage, in the order in which they run
 */
export async function verifyStudy(
  folder: StudyFolder,
  options: { asked?: PlannedParameters; signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<StageVerdict[]> {
  const unusable = new Map<string, string>();
  const found = await manifestsOf(folder, (name, { message }) => unusable.set(name, message));
  const stale = await staleFolders(
    folder,
    found.filter((each): each is StageFolder => each.stage !== 'plan'),
  );
  const missing = await missingFolders(folder, found);
  const verdicts: StageVerdict[] = [];
  for (const stage of ['plan', ...stages] as const) {
    const own = found.filter((each) => each.stage === stage);
    const absent = await readAbsence(folder, stage);
    const verdict: StageVerdict = {
      stage,
      ...(absent !== undefined && { absent }),
      ...{ folders: own.length, files: 0, bytes: 0, problems: [] },
    };
    for (const { name, path, manifest } of own) {
      const damaged = await damagedOutputs(path, manifest, options);
      verdict.problems.push(...damaged.map(({ file, problem }) => `${name}/${file} ${problem}`));
      const listed = new Set([manifestName, ...Object.keys(manifest.outputs)]);
      const odd = (await filesIn(path)).filter((file) => !listed.has(file));
      verdict.problems.push(...odd.map((file) => `${name}/${file} is not listed in ${name}/${manifestName}`));
      verdict.files += Object.keys(manifest.outputs).length;
      verdict.bytes += Object.values(manifest.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
    }
    verdict.problems.push(
      ...stale
        .filter((each) => each.stage === stage)
        .map(
          ({ name, problem }) =>
            `${name} ${problem}${stage !== 'plan' && stageRow(stage).byHand ? `: run ${commandOf(stage)} again, or delete the folder` : ''}`,
        ),
    );
    if (stage === 'plan')
      verdict.problems.push(
        ...(unusable.has(stage) ? [unusable.get(stage)!] : await newsOfPlan(folder, options.asked)),
      );
    else
      for (const { name } of await foldersOf(folder, stage)) {
        const lost = missing.find((each) => each.name === name);
        if (unusable.has(name)) verdict.problems.push(unusable.get(name)!);
        else if (lost) verdict.problems.push(`${name} ${lost.problem}`);
      }
    verdicts.push(verdict);
  }
  return verdicts;
}

async function newsOfPlan(folder: StudyFolder, asked: PlannedParameters | undefined): Promise<string[]> {
  if (asked === undefined || folder.planned) return [];
  const differences = await newsSincePlanned(folder, asked);
  return differences.length === 0 ? [] : [`plan is not of study.yaml as it is now (${differences.join('; ')})`];
}

/** What study.yaml asks for otherwise than was planned, field by field: `newTokens: was 16, is 32`. @throws as `readPlan` */
export async function newsSincePlanned(folder: StudyFolder, asked: PlannedParameters): Promise<string[]> {
  const names = Object.keys(asked) as (keyof PlannedParameters)[];
  const planned = await Promise.all(names.map(async (name) => [name, await readPlanned(folder, name)]));
  return planDifferences(Object.fromEntries(planned), { ...asked });
}

/** Bytes that `verifyStudy` will read. */
export async function bytesToVerify(folder: StudyFolder): Promise<number> {
  return (await manifestsOf(folder, () => {}))
    .flatMap(({ manifest }) => Object.values(manifest.outputs))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

/** As `readManifests`, and that of the plan. */
async function manifestsOf(folder: StudyFolder, onDamage: (name: string, failure: Failure) => void) {
  const plan = await requireManifest(folder.plan, 'plan').catch((error: Error) => {
    if (!folder.planned || !(error instanceof Failure)) throw error;
    onDamage('plan', error);
    return undefined;
  });
  return [
    ...(plan ? [{ stage: 'plan' as const, name: 'plan', path: folder.plan, manifest: plan }] : []),
    ...(await readManifests(folder, stages, onDamage)),
  ];
}
