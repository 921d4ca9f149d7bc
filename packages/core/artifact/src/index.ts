/**
 * Every file format and schema, manifests, atomic writing, checksums.
 *
 * @module @galvani/artifact
 */
export { type ActivationColumn, bytesOf, type Storage } from './activation-column.js';
export {
  type ActivationBatch,
  type ActivationReader,
  type ActivationValues,
  type ActivationWriter,
  createActivationFile,
  openActivationFile,
  type ScalarColumn,
} from './activation-file.js';
export { openActivationLayer } from './activation-layer.js';
export { readUnits } from './activation-units.js';
export { type NumberArray, readArrayFile, writeArrayFile } from './array-file.js';
export { partialPath, sweepPartial, writeFileWhole, writeWhole } from './atomic.js';
export type { BinaryTable, ColumnValues, TableColumn } from './binary-table/column.js';
export { openBinaryTable } from './binary-table/open-table.js';
export { type Cell, readRecords, UnreadCell } from './binary-table/read-records.js';
export { type ByteSource, openFile, type Source } from './byte-source.js';
export { canonicalJson } from './canonical-json.js';
export { type Checksum, digestOf, digestOfFile, sha256, sha256OfFile } from './checksum.js';
export { partsAtWork } from './claims/at-work.js';
export { lifeOf, type Owner, thisProcess } from './claims/owner.js';
export { withClaims, withFreeClaims } from './claims/with-claims.js';
export {
  type Control,
  type ControlAnswer,
  type ControlCalibration,
  type ControlHub,
  type ControlWindow,
  controlAnswerTable,
  controlCalibrationTable,
  controlHubTable,
  controlTable,
  controlWindowTable,
} from './control-tables.js';
export { csvLine } from './csv-text.js';
export {
  type Accuracy,
  accuracyTable,
  type Confusion,
  confusionTable,
  decodeNetworkTable,
  type Prediction,
  predictionTable,
  type Score,
  scoreTable,
} from './decode-tables.js';
export { beginsPage, pagedActivations, recognizePages } from './direct-io/page-memory.js';
export { type Event, eventTable } from './event-table.js';
export { mostGrowth } from './gathering-writer.js';
export {
  type Ceiling,
  type Component,
  ceilingTable,
  componentTable,
  type DendrogramMerge,
  type Distance,
  dendrogramTable,
  distanceTable,
} from './geometry-tables.js';
export {
  type CalibrationRate,
  calibrationTable,
  type DesignEntry,
  designTable,
  diagnosticsTable,
  driftTable,
  isWorseThanNominal,
  type RunDrift,
  restDrifts,
  type SiteDiagnostics,
} from './glm-tables.js';
export {
  type LesionComparison,
  type LesionPairRow,
  type LesionRow,
  type LesionSelectivity,
  type LesionTextRow,
  lesionComparisonTable,
  lesionPairTable,
  lesionSelectivityTable,
  lesionTable,
  lesionTextTable,
} from './lesion-tables.js';
export {
  describeOutput,
  type Manifest,
  manifestName,
  readManifest,
  requireManifest,
  writeManifest,
} from './manifest.js';
export {
  type MapStatistics,
  mapStatistics,
  readMap,
  type StatisticMap,
  type StoredStatistics,
  type UnitMarks,
  writeMap,
} from './map-file.js';
export { type MomentPart, type MomentSet, momentFile, momentParts, recordedFile } from './moment-files.js';
export {
  type NetworkConjunction,
  type NetworkIntersection,
  type NetworkSpecificity,
  networkConjunctionTable,
  networkIntersectionTable,
  networkSpecificityTable,
  type UnitSelectivity,
  unitSelectivityTable,
} from './network-sharing-tables.js';
export {
  type ContrastSize,
  type ContrastUnit,
  contrastSizeTable,
  contrastUnitTable,
  iccTable,
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
  type Peak,
  peakTable,
  type Reliability,
  reliabilityTable,
  type StrongestUnit,
  strongestUnitTable,
  type UnitEffectIcc,
  type UnitIccQuantile,
  unitIccTable,
} from './network-tables.js';
export { type Power, type PromptsNeeded, powerTable, promptsNeeded } from './power-table.js';
export { addToPromptSums, batchesOfRun, type PromptMeans, readPromptMeans } from './prompt-means.js';
export { type ResultRows, resultTables } from './result-tables.js';
export {
  type SteerRow,
  type SteerSample,
  steerDecoderTable,
  steerSampleTable,
  steerTable,
} from './steer-tables.js';
export { type Columns, readAnyTable, readTable } from './table.js';
export { type NamedColumn, writeNamedTable, writeTable } from './table-writer.js';
export { type Token, tokenTable } from './token-table.js';
export { areRemembered, damagedOutputs, rememberedDigest, rememberOutputs } from './verification.js';
export { galvaniVersion } from './version.js';
export { vocabularyTable } from './vocabulary-table.js';
export { type WordingToken, wordingTokenTable } from './wording-tables.js';
export { requireEnding, requireWritableFile, requireWritableFolder } from './writable.js';
export {
  type TopicContrast,
  topicContrastTable,
  type YardstickRank,
  type YardstickTopic,
  yardstickRankTable,
  yardstickTopicTable,
} from './yardstick-tables.js';
