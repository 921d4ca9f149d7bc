import { basename, dirname } from 'node:path';
import type { Accuracy, Control, Distance, NetworkOverlap, NetworkSize } from '@galvani/artifact';
import { openResults } from '@galvani/results';
import { readPlan, type StudyFolder } from '@galvani/study';
import { advised, shellWord, UserMistake } from '@galvani/terminal';

/** A study as a person named it. */
export interface NamedStudy {
  /** As it was named: study.yaml, or its folder. */
  named: string;
  /** study.yaml. */
  path: string;
  folder: StudyFolder;
}

/** What a study gives to the second level. Tables of stages that have not finished are empty. */
export interface GroupStudy {
  /** What it is called in tables: its folder's name, or where two have one, as it was named. */
  label: string;
  named: string;
  tasks: string[];
  /** The model: the digest of its files, where it is known. */
  model: string;
  /** Layers in the order of the model. */
  layers: readonly string[];
  sizes: NetworkSize[];
  overlap: NetworkOverlap[];
  accuracy: Accuracy[];
  controls: Control[];
  distances: Distance[];
  /** Digests of the tables, by path in the study. */
  inputs: Record<string, string>;
}

const tables = [
  'networks/sizes',
  'networks/overlap',
  'decode/accuracy',
  'controls/identification',
  'geometry/distances',
];

/**
 * Opens what a study's stages have found, verified.
 * @throws Failure where it was not planned, or a file is damaged; UserMistake where its networks are missing
 */
export async function openGroupStudy(
  { named, folder }: NamedStudy,
  label: string,
  signal?: AbortSignal,
): Promise<GroupStudy> {
  const plan = await readPlan(folder);
  const results = await openResults(folder, 'report', signal);
  if (!results.manifests.has('networks'))
    throw new UserMistake(
      `${named} has no networks yet, which are what is compared: ${advised(`run ${shellWord(named)}`)} makes them.`,
    );
  const networks = await results.tables('networks', ['sizes', 'overlap']);
  const decode = await results.tables('decode', ['accuracy']);
  const controls = await results.tables('controls', ['identification']);
  const geometry = await results.tables('geometry', ['distances']);
  const recorded = results.manifests.get(`extract/${plan.runs[0].name}`)?.parameters.model;
  return {
    ...{ label, named, tasks: plan.design.tasks, layers: results.glm?.layers ?? [] },
    model: JSON.stringify(recorded ?? plan.extract.model),
    sizes: networks.sizes ?? [],
    overlap: networks.overlap ?? [],
    accuracy: decode.accuracy ?? [],
    controls: controls.identification ?? [],
    distances: geometry.distances ?? [],
    inputs: Object.fromEntries(
      Object.entries(results.inputs).filter(([path]) => tables.some((table) => path === `${table}.parquet`)),
    ),
  };
}

/** What studies are called: the name of study.yaml's folder, or where two have one, as they were named. */
export function studyLabels(studies: readonly Pick<NamedStudy, 'named' | 'path'>[]): string[] {
  const names = studies.map(({ path }) => basename(dirname(path)));
  return names.map((name, i) => (names.indexOf(name) === names.lastIndexOf(name) ? name : studies[i].named));
}

/** The tasks that all studies have, in the order of the first. */
export const sharedTasks = (studies: readonly Pick<GroupStudy, 'tasks'>[]): string[] =>
  studies[0].tasks.filter((task) => studies.every(({ tasks }) => tasks.includes(task)));
