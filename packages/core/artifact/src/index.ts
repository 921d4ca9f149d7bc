export {
  type ActivationBatch,
  type ActivationColumn,
  type ActivationFileOptions,
  type ActivationReader,
  type ActivationRows,
  type ActivationWriter,
  type ActivityValues,
  bytesOf,
  createActivationFile,
  openActivationFile,
  type ScalarColumn,
  type Storage,
} from './activation-file.js';
export { type ArrowFileWriter, createArrowFile } from './arrow-file.js';
export { sweepPartial, writeFileWhole, writeWhole } from './atomic.js';
export type { BinaryTable, ColumnValues, TableColumn } from './binary-table/column.js';
export { openBinaryTable } from './binary-table/open-table.js';
export { type Cell, type RecordTable, readRecords, UnreadCell } from './binary-table/read-records.js';
export { type ByteSource, openFile, type Source } from './byte-source.js';
export { canonicalJson } from './canonical-json.js';
export { sha256, sha256OfFile } from './checksum.js';
export { type Parts, withClaims } from './claims/with-claims.js';
export {
  type Accuracy,
  accuracyColumns,
  type Confusion,
  confusionColumns,
  type Prediction,
  predictionColumns,
  readAccuracy,
  readConfusion,
  readPredictions,
  readScores,
  type Score,
  scoreColumns,
  writeAccuracy,
  writeConfusion,
  writePredictions,
  writeScores,
} from './decode-tables.js';
export { beginsPage, pagedActivity, recognizePages } from './direct-io/page-memory.js';
export { type Event, eventColumns, readEvents, writeEvents } from './event-table.js';
export { mostGrowth } from './gathering-writer.js';
export {
  type CalibrationRate,
  calibrationColumns,
  diagnosticsColumns,
  readCalibration,
  readDiagnostics,
  type SiteDiagnostics,
  writeCalibration,
  writeDiagnostics,
} from './glm-tables.js';
export {
  describeOutput,
  galvaniVersion,
  type Manifest,
  manifestName,
  readManifest,
  requireManifest,
  writeManifest,
} from './manifest.js';
export { type MapStatistics, readMap, type StatisticMap, writeMap } from './map-file.js';
export {
  type NetworkLikeness,
  type NetworkOverlap,
  type NetworkRepeatability,
  type NetworkSize,
  type NetworkUnit,
  networkLikenessColumns,
  networkOverlapColumns,
  networkRepeatabilityColumns,
  networkSizeColumns,
  networkUnitColumns,
  readNetworkLikeness,
  readNetworkOverlap,
  readNetworkRepeatability,
  readNetworkSizes,
  readNetworkUnits,
  readStrongestUnits,
  type StrongestUnit,
  strongestUnitColumns,
  writeNetworkLikeness,
  writeNetworkOverlap,
  writeNetworkRepeatability,
  writeNetworkSizes,
  writeNetworkUnits,
  writeStrongestUnits,
} from './network-tables.js';
export { addToPromptSums, batchesOfRun, type PromptMeans, readPromptMeans } from './prompt-means.js';
export { type Columns, type ColumnType, type Row, readAnyTable, readTable } from './table.js';
export { type NamedColumn, writeNamedTable, writeTable } from './table-writer.js';
export { readTokens, type Token, tokenColumns, writeTokens } from './token-table.js';
export { type Damage, damagedOutputs, rememberedDigest, rememberOutputs } from './verification.js';
export { requireWritableFile, requireWritableFolder } from './writable.js';
