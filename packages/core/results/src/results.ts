import {
  type Event,
  eventTable,
  type Manifest,
  mapStatistics,
  type ResultRows,
  resultTables,
  vocabularyTable,
} from '@galvani/artifact';
import type { Run } from '@galvani/pipeline';
import { advised, Failure } from '@galvani/terminal';
import { factsOf, glmFacts, type MapDescription, recordedFacts, recordingFacts } from './facts.js';
import { openRecording, type Recording, type RowRule } from './recording.js';
import type { StudyFiles } from './study-files.js';
import { readWholeMap, type WholeMap } from './whole-map.js';
import { readWording, type Wording } from './wording.js';

type ResultTables = typeof resultTables;

/** What a study has found so far, read when it is asked for. */
export interface Results {
  runs: readonly Run[];
  /** Of finished stages, by folder: `glm`, `extract/<run>`. */
  manifests: ReadonlyMap<string, Manifest>;
  /** Prompts of a run in order; undefined where the design stage has not finished. */
  events(run: Run): Promise<Event[] | undefined>;
  /** Text of each token of the model's vocabulary, by id; undefined where it has no tokenizer. */
  vocabulary(): Promise<string[] | undefined>;
  /** Tokens of a run's recording, those after the end of texts included, without reading it; 0 where it was not recorded. */
  recordedRows(run: Run): number;
  /** @throws Failure where the run was not recorded, or its events are not those that were recorded */
  recording(run: Run): Promise<Recording>;
  /**
   * What the model's untrained twin made of the same prompts; undefined where the study has none, or the twin stage has not finished.
   * @throws as `recording`
   */
  twin(run: Run): Promise<Recording | undefined>;
  /** Why the study has no twin, in a sentence. Undefined where it has one, or the twin stage has not finished. */
  noTwin?: string;
  /**
   * Tokens and input embeddings of all prompts; undefined where the wording stage has not finished.
   * @throws Failure where they are not of these runs
   */
  wording(): Promise<Wording | undefined>;
  /** Undefined where the glm stage has not finished. */
  glm?: { layers: readonly string[]; units: number; maps: readonly MapDescription[] };
  /** @throws Failure where the glm stage has made no map of that name */
  map(name: string): Promise<WholeMap>;
  /**
   * Names of a map's statistics, without reading it.
   * @throws as `map`
   */
  mapStatistics(name: string): Promise<string[]>;
  /** Tables of a stage, all or those named. */
  tables<S extends keyof ResultTables>(stage: S, names?: readonly (keyof ResultTables[S])[]): Promise<ResultRows<S>>;
}

/**
 * @param manifests of the folders that may be read
 * @param rows what of recordings is read, and how
 */
export function resultsOf(
  files: StudyFiles,
  manifests: Results['manifests'],
  runs: readonly Run[],
  rows: RowRule = {},
): Results {
  const fitted = manifests.get('glm');
  const glm = fitted && factsOf('glm', fitted, glmFacts);
  const described = (name: string) => {
    const description = glm?.mapSets.find((each) => each.name === name);
    if (!description) throw new Failure(`glm has no map ${name}: run ${advised('glm', 'glm')} again.`);
    return description;
  };
  const noTwin = runs.map(({ name }) => absence(manifests.get(`twin/${name}`))).find((each) => each !== undefined);
  return {
    runs,
    manifests,
    ...(noTwin !== undefined && { noTwin }),
    events: async ({ name }) =>
      manifests.has('design') ? eventTable.read(await files.open(`design/${name}.parquet`)) : undefined,
    async vocabulary() {
      if (!manifests.get('design')?.outputs['vocabulary.parquet']) return undefined;
      const rows = await vocabularyTable.read(await files.open('design/vocabulary.parquet'));
      return rows.map(({ token }) => token);
    },
    recordedRows(run) {
      const name = `extract/${run.name}`;
      const manifest = manifests.get(name);
      return manifest ? factsOf(name, manifest, recordingFacts).rows : 0;
    },
    async recording(run) {
      const name = `extract/${run.name}`;
      const manifest = manifests.get(name);
      if (!manifest) throw new Failure(`${name} has no manifest.json: run ${advised('extract', 'extract')} first.`);
      return openRecording(files, run, recordedFacts('extract', name, manifest), rows);
    },
    async twin(run) {
      const name = `twin/${run.name}`;
      const manifest = manifests.get(name);
      if (!manifest || absence(manifest) !== undefined) return undefined;
      return openRecording(files, run, recordedFacts('twin', name, manifest), rows, 'twin');
    },
    async wording() {
      const manifest = manifests.get('wording');
      return manifest && readWording(files, runs, 'embeddings.arrow' in manifest.outputs);
    },
    ...(glm && { glm: { layers: glm.layers, units: glm.units, maps: glm.mapSets } }),
    async map(name) {
      return readWholeMap(files, described(name), glm!.layers);
    },
    async mapStatistics(name) {
      const { contrast } = described(name);
      return mapStatistics(await files.open(`glm/${name}/${glm!.layers[0]}.arrow`), contrast);
    },
    async tables(stage, names) {
      const read: Record<string, unknown> = {};
      const manifest = manifests.get(stage);
      const there = manifest !== undefined && absence(manifest) === undefined;
      for (const [name, table] of there ? Object.entries(resultTables[stage]) : [])
        if (names?.includes(name as never) ?? true)
          read[name] = await table.read(await files.open(`${stage}/${name}.parquet`));
      return read as ResultRows<typeof stage>;
    },
  };
}

/** Why a folder holds a manifest alone: a stage makes no sense for the study, or the twin was not recorded. */
export function absence(manifest: Manifest | undefined): string | undefined {
  const { absent } = manifest?.facts ?? {};
  return typeof absent === 'string' && Object.keys(manifest!.outputs).length === 0 ? absent : undefined;
}
