import type { resultTables } from '@galvani/artifact';
import { nameOfWord } from '@galvani/pipeline';
import type { WholeMap } from '@galvani/results';
import type { RecordingStage, StudyFolder } from '@galvani/study';
import { Failure, jsonText, UserMistake } from '@galvani/terminal';
import { columnFile } from './column-file.js';
import { mapColumn } from './map-column.js';
import { networkCourse } from './network-course.js';
import { type OpenStudy, openStudy } from './open-study.js';
import { runView } from './run-view.js';
import { mapOf } from './stage-maps.js';
import { studyView } from './study-view.js';
import { readSelection } from './unit-selection.js';
import { unitSeries } from './unit-series.js';
import { viewState } from './view-state.js';
import type { UnitSelection } from './view-types.js';

/** A part of a study as bytes. */
export interface Part {
  type: 'application/json' | 'application/vnd.apache.arrow.stream' | 'application/octet-stream';
  bytes: Uint8Array;
}

/** A study's parts, each made when it is asked for, from what lies on disk then. */
export interface StudyParts {
  /**
   * @param words those of a part's path, as `StudyView` describes it: `['maps', 'task-pathology', 'z.arrow']`
   * @param body sent along; of a mask its units
   * @returns undefined for a name that no part has
   * @throws Failure where what the part is made of is missing or damaged
   */
  part(words: readonly string[], body?: Uint8Array): Promise<Part | undefined>;
}

export type MaskFormat = 'safetensors' | 'json' | 'parquet' | 'csv';

/** What takes the model, which whoever serves a study may have. */
export interface LiveStudy {
  /**
   * A task's network as a mask over the model's parameters: the bytes of its file.
   *
   * @param selection units in place of the network; `task` is then what they are called
   */
  mask(task: string, format: MaskFormat, selection?: UnitSelection): Promise<Uint8Array>;
  /** A unit at every token of all runs, which are played again where they were not kept. */
  replay(site: string, unit: number): Promise<Float32Array>;
}

export interface StudyPartsOptions {
  folder: StudyFolder;
  name: string;
  /** Undefined: parts come from files alone. */
  live?: LiveStudy;
}

/** Maps that are held for their other columns. */
const mostMaps = 3;

export function studyParts({ folder, name, live }: StudyPartsOptions): StudyParts {
  let opened: { version: string; ready: ReturnType<typeof openNow> } | undefined;
  async function openNow() {
    const open = await openStudy(folder);
    const maps = new Map<string, Promise<WholeMap>>();
    return { open, view: studyView(open, name, live !== undefined), maps };
  }
  const now = async () => {
    const { version } = await viewState(folder);
    if (opened?.version === version) return opened.ready;
    const own = { version, ready: openNow() };
    opened = own;
    own.ready.catch(() => {
      if (opened === own) opened = undefined;
    });
    return own.ready;
  };
  const held = async () => opened?.ready ?? now();
  async function runPart(file: string | undefined, stage: RecordingStage) {
    const { open, view } = await held();
    const name = nameBefore('.json', file);
    const run = open.results.runs.find((each) => each.name === name);
    if (!run || (stage === 'twin' && !(await view).twin)) return undefined;
    return json(await runView(open, run, stage));
  }
  async function seriesPart(folder: string | undefined, file: string | undefined, stage: RecordingStage) {
    const { open, view } = await held();
    const [site, unit] = [nameBefore('', folder), unitBefore('.arrow', file)];
    const { sites, twin } = await view;
    if (site === undefined || unit === undefined || (stage === 'twin' && !twin)) return undefined;
    return arrow(columnFile(await unitSeries(open, sites, site, unit, stage)));
  }
  const parts: Record<string, (rest: readonly string[], body?: Uint8Array) => Promise<Part | undefined>> = {
    async 'state.json'() {
      return json(await viewState(folder));
    },
    async 'study.json'() {
      return json(await (await now()).view);
    },
    runs: ([file]) => runPart(file, 'extract'),
    'twin-runs': ([file]) => runPart(file, 'twin'),
    async maps([folder, file]) {
      const { open, view, maps } = await held();
      const [map, column] = [nameBefore('', folder), nameBefore('.arrow', file)];
      const described = (await view).maps.find((each) => each.name === map);
      if (map === undefined || column === undefined || !described?.columns.includes(column)) return undefined;
      return arrow(columnFile(mapColumn(open, await wholeMap(open, maps, map), column)));
    },
    async networks([file]) {
      const { open, view, maps } = await held();
      const task = nameBefore('.arrow', file);
      const { sites, maps: known } = await view;
      const map = known.find((each) => each.kind === 'task' && each.task === task);
      return map && arrow(columnFile(await networkCourse(open, sites, await wholeMap(open, maps, map.name))));
    },
    async tables([folder, file]) {
      const { open, view } = await held();
      const [stage, table] = [nameBefore('', folder), nameBefore('.json', file)];
      const known = (await view).tables.find((each) => each.stage === stage);
      if (table === undefined || !known?.names.includes(table)) return undefined;
      const rows = await open.results.tables(stage as keyof typeof resultTables, [table as never]);
      return json((rows as Record<string, unknown>)[table]);
    },
    series: ([folder, file]) => seriesPart(folder, file, 'extract'),
    twin: ([folder, file]) => seriesPart(folder, file, 'twin'),
    async replay([folder, file]) {
      const { view } = await held();
      const [name, unit] = [nameBefore('', folder), unitBefore('.arrow', file)];
      const site = (await view).sites.find((each) => each.site === name);
      if (!live || !site || unit === undefined || unit >= site.width) return undefined;
      return arrow(columnFile(await live.replay(site.site, unit)));
    },
    async mask([file], body) {
      const { open, view } = await held();
      const format = maskFormats.find((each) => file?.endsWith(`.${each}`));
      const name = nameBefore(`.${format}`, file);
      if (!live || !format || name === undefined) return undefined;
      const selection = body && readSelection(body, (await view).sites);
      if (!selection && !open.plan.design.tasks.includes(name)) return undefined;
      return { type: 'application/octet-stream', bytes: await live.mask(name, format, selection) };
    },
  };
  return {
    async part([first, ...rest], body) {
      const make = Object.hasOwn(parts, first) ? parts[first] : undefined;
      try {
        return await make?.(rest, body);
      } catch (error) {
        if (error instanceof Failure || error instanceof UserMistake) throw error;
        // A command may have replaced the file while it was read.
        throw new Failure(`${[first, ...rest].join('/')} cannot be read: ${(error as Error).message}`, {
          cause: error,
        });
      }
    },
  };
}

const json = (value: unknown): Part => ({ type: 'application/json', bytes: Buffer.from(jsonText(value)) });
const arrow = (bytes: Uint8Array): Part => ({ type: 'application/vnd.apache.arrow.stream', bytes });

/** A map, of which the last few are held for their other columns. */
function wholeMap(open: OpenStudy, maps: Map<string, Promise<WholeMap>>, name: string): Promise<WholeMap> {
  const whole = maps.get(name) ?? mapOf(open, name);
  maps.delete(name);
  maps.set(name, whole);
  if (maps.size > mostMaps) maps.delete(maps.keys().next().value!);
  return whole;
}

const maskFormats: readonly MaskFormat[] = ['safetensors', 'json', 'parquet', 'csv'];

/** The name that stands in a path before an ending; undefined where there is none. */
const nameBefore = (ending: string, word: string | undefined) =>
  word?.endsWith(ending) ? nameOfWord(word.slice(0, word.length - ending.length)) : undefined;

function unitBefore(ending: string, word: string | undefined): number | undefined {
  const name = nameBefore(ending, word);
  return name !== undefined && /^\d{1,9}$/.test(name) ? Number(name) : undefined;
}
