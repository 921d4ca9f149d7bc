import { partWord } from '@galvani/pipeline';
import type { RunView, StudyView, UnitSelection, ViewProblem, ViewState } from '@galvani/view';
import { tableFromIPC } from '@uwdata/flechette';

/** Values of a column, one for each unit or row. */
export type Numbers = Float64Array | Float32Array | Int32Array | Int8Array | Uint8Array;

/** A part of a study that could not be had; its message is a sentence for the person. */
export class PartProblem extends Error {}

const pathOf = (study: number, words: readonly (string | number)[]) =>
  ['data', study, ...words].map((word) => partWord(String(word))).join('/');

async function fetched(path: string, asked?: RequestInit): Promise<Response> {
  const response = await fetch(path, asked).catch(() => {
    throw new PartProblem('The server does not answer: galvani view was ended, or the network is down.');
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => undefined)) as ViewProblem | undefined;
  throw new PartProblem(problem?.error ?? `${path} cannot be had (${response.status}).`);
}

const json = async (study: number, ...words: string[]) => (await fetched(pathOf(study, words))).json();

async function column(path: string): Promise<Numbers> {
  const bytes = new Uint8Array(await (await fetched(path)).arrayBuffer());
  return tableFromIPC(bytes).getChild('value').toArray() as Numbers;
}

/** Names of the studies that are served. */
export const studyNames = async (): Promise<string[]> => (await fetched('data/studies.json')).json();
export const readStudy = (study: number): Promise<StudyView> => json(study, 'study.json');
export const readState = (study: number): Promise<ViewState> => json(study, 'state.json');
export const readRun = (study: number, run: string): Promise<RunView> => json(study, 'runs', `${run}.json`);

/** Rows of a table; numbers that are not finite are text. */
export const readTable = <Row>(study: number, stage: string, table: string): Promise<Row[]> =>
  json(study, 'tables', stage, `${table}.json`);

/** A column of a map, a value for each unit of the model. */
export const readMapColumn = (study: number, map: string, name: string): Promise<Numbers> =>
  column(pathOf(study, ['maps', map, `${name}.arrow`]));

/** A unit at every recorded row, run after run; where prompts' means are kept, at every prompt. */
export const readSeries = (study: number, site: string, unit: number): Promise<Numbers> =>
  column(pathOf(study, ['series', site, `${unit}.arrow`]));

/** The same of the untrained twin, and what it made of a run. */
export const readTwinSeries = (study: number, site: string, unit: number): Promise<Numbers> =>
  column(pathOf(study, ['twin', site, `${unit}.arrow`]));
export const readTwinRun = (study: number, run: string): Promise<RunView> => json(study, 'twin-runs', `${run}.json`);

/** The same of runs that are played again, where activations at tokens were not kept. */
export const readReplay = (study: number, site: string, unit: number): Promise<Numbers> =>
  column(pathOf(study, ['replay', site, `${unit}.arrow`]));

/** A task's network as a mask over the model's parameters; or other units, which are called `name` there. */
export async function readMask(study: number, name: string, format: string, units?: UnitSelection): Promise<Blob> {
  const asked = units && { method: 'POST', body: JSON.stringify(units) };
  return (await fetched(pathOf(study, ['mask', `${name}.${format}`]), asked)).blob();
}

/** A network's mean activity at every recorded row, in standard deviations. */
export const readNetworkCourse = (study: number, task: string): Promise<Numbers> =>
  column(pathOf(study, ['networks', `${task}.arrow`]));
