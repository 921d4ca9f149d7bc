import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserMistake } from '@galvani/terminal';
import { readLesionPairs, readLesionTexts } from './lesion-files.js';
import type { StudyFile } from './study-file.js';
import type { Study } from './study-schema.js';
import { portable } from './workspace.js';

type Section = Study['lesion'];

/** What the lesion stage is told: its section, with all that was left out filled in. */
export interface LesionParameters
  extends Required<Omit<Section, 'thorough' | 'texts' | 'pairs'>>,
    Pick<Section, 'texts' | 'pairs'> {
  seed: number;
  /** Whether a person named the sites, so that a kind that the model has none of is a mistake. */
  named: boolean;
}

type Defaults = Omit<LesionParameters, 'seed' | 'named' | 'texts' | 'pairs'>;

const usual: Defaults = {
  sites: ['activation'],
  kinds: ['mean'],
  doses: [0.25, 0.5, 1],
  controls: 100,
  unmatched: 20,
  prompts: 36,
  otherPrompts: 12,
};

const thoroughly: Defaults = {
  sites: ['activation', 'gated', 'linear', 'norm', 'block', 'embedding'],
  kinds: ['mean', 'zero', 'resample'],
  doses: [0.1, 0.25, 0.5, 0.75, 1],
  controls: 1000,
  unmatched: 100,
  prompts: 100_000,
  otherPrompts: 100_000,
};

/** The lesion section with its defaults, without a person's tables. */
export function filledLesion({ thorough, texts: _, pairs: __, ...written }: Section, seed: number): LesionParameters {
  return {
    seed,
    named: written.sites !== undefined,
    ...(thorough ? thoroughly : usual),
    ...Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined)),
  };
}

/** Masks under which texts are read, at most: networks without members have none, and of lesser doses there are fewer controls. */
export function mostMasks(
  {
    sites,
    kinds,
    doses,
    controls,
    unmatched,
  }: Pick<LesionParameters, 'sites' | 'kinds' | 'doses' | 'controls' | 'unmatched'>,
  tasks: number,
): number {
  const whole = 1 + controls + unmatched + 2;
  const lesser = (doses.length - 1) * (1 + Math.ceil(controls / 5));
  return tasks * sites.length * kinds.length * (whole + lesser);
}

/**
 * The same with a person's tables, which are read, so that what is wrong with them is said before a model runs.
 * @throws UserMistake with the line of study.yaml, and that of a table
 */
export async function lesionParameters(file: StudyFile, workspace: string): Promise<LesionParameters> {
  return {
    ...filledLesion(file.study.lesion, file.study.seed),
    ...(await checkedTable(file, workspace, 'texts', readLesionTexts)),
    ...(await checkedTable(file, workspace, 'pairs', readLesionPairs)),
  };
}

async function checkedTable(
  file: StudyFile,
  workspace: string,
  field: 'texts' | 'pairs',
  read: (path: string) => Promise<unknown>,
): Promise<Pick<Section, 'texts' | 'pairs'>> {
  const given = file.study.lesion[field];
  if (given === undefined) return {};
  const path = resolve(dirname(resolve(file.path)), given);
  const where = file.locate('lesion', field);
  if (!(await stat(path).catch(() => undefined))?.isFile())
    throw new UserMistake(`${where}: there is no file at ${path}.`);
  await read(path).catch((cause: Error) => {
    throw cause instanceof UserMistake ? new UserMistake(`${where}: ${cause.message}`, { cause }) : cause;
  });
  return { [field]: portable(workspace, path) };
}
