import {
  type Accuracy,
  accuracyTable,
  type ByteSource,
  type CalibrationRate,
  type Confusion,
  calibrationTable,
  confusionTable,
  diagnosticsTable,
  type Event,
  eventTable,
  type Manifest,
  type NetworkLikeness,
  type NetworkOverlap,
  type NetworkRepeatability,
  type NetworkSize,
  type NetworkUnit,
  networkLikenessTable,
  networkOverlapTable,
  networkRepeatabilityTable,
  networkSizeTable,
  networkUnitTable,
  type SiteDiagnostics,
  type StrongestUnit,
  strongestUnitTable,
} from '@galvani/artifact';
import type { Run } from '@galvani/pipeline';
import { Failure } from '@galvani/terminal';
import { factsOf, glmFacts, type MapDescription, recordingFacts } from './facts.js';
import { openRecording, type Recording } from './recording.js';
import type { StudyFiles } from './study-files.js';
import { readWholeMap, type WholeMap } from './whole-map.js';

/** A table of a stage; undefined where the stage has not finished. */
type Table<Row> = () => Promise<Row[] | undefined>;

/** What a study has found so far, read when it is asked for. */
export interface Results {
  runs: readonly Run[];
  /** Of finished stages, by folder: `glm`, `extract/<run>`. */
  manifests: ReadonlyMap<string, Manifest>;
  /** Prompts of a run in order; undefined where the design stage has not finished. */
  events(run: Run): Promise<Event[] | undefined>;
  /** @throws Failure where the run was not recorded, or its events are not those that were recorded */
  recording(run: Run): Promise<Recording>;
  /** Undefined where the glm stage has not finished. */
  glm?: { layers: readonly string[]; units: number; maps: readonly MapDescription[] };
  map(description: MapDescription): Promise<WholeMap>;
  diagnostics: Table<SiteDiagnostics>;
  networks: {
    units: Table<NetworkUnit>;
    sizes: Table<NetworkSize>;
    likeness: Table<NetworkLikeness>;
    strongest: Table<StrongestUnit>;
    overlap: Table<NetworkOverlap>;
    repeatability: Table<NetworkRepeatability>;
  };
  decode: { accuracy: Table<Accuracy>; confusion: Table<Confusion> };
  calibration: Table<CalibrationRate>;
}

/** @param manifests of the folders that may be read */
export function resultsOf(files: StudyFiles, manifests: Results['manifests'], runs: readonly Run[]): Results {
  const table =
    <Row>(name: string, read: (source: ByteSource) => Promise<Row[]>): Table<Row> =>
    async () =>
      manifests.has(name.split('/')[0]) ? read(await files.open(name)) : undefined;
  const fitted = manifests.get('glm');
  const glm = fitted && factsOf('glm', fitted, glmFacts);
  return {
    runs,
    manifests,
    events: (run) => table(`design/${run.name}.parquet`, eventTable.read)(),
    async recording(run) {
      const name = `extract/${run.name}`;
      const manifest = manifests.get(name);
      if (!manifest) throw new Failure(`${name} has no manifest.json: run the extract stage first.`);
      return openRecording(files, run, factsOf(name, manifest, recordingFacts).layers);
    },
    ...(glm && { glm: { layers: glm.layers, units: glm.units, maps: glm.mapSets } }),
    map: (description) => readWholeMap(files, description, glm?.layers ?? []),
    diagnostics: table('glm/diagnostics.parquet', diagnosticsTable.read),
    networks: {
      units: table('networks/units.parquet', networkUnitTable.read),
      sizes: table('networks/sizes.parquet', networkSizeTable.read),
      likeness: table('networks/likeness.parquet', networkLikenessTable.read),
      strongest: table('networks/strongest.parquet', strongestUnitTable.read),
      overlap: table('networks/overlap.parquet', networkOverlapTable.read),
      repeatability: table('networks/repeatability.parquet', networkRepeatabilityTable.read),
    },
    decode: {
      accuracy: table('decode/accuracy.parquet', accuracyTable.read),
      confusion: table('decode/confusion.parquet', confusionTable.read),
    },
    calibration: table('calibrate/calibration.parquet', calibrationTable.read),
  };
}
