export {
  type ActivationColumn,
  type ActivationReader,
  type ActivationWriter,
  type ActivityValues,
  bytesOf,
  createActivationFile,
  openActivationFile,
  type ScalarColumn,
  type Storage,
} from './activation-file.js';
export { sweepPartial, writeFileWhole, writeWhole } from './atomic.js';
export type { BinaryTable, ColumnValues, TableColumn } from './binary-table/column.js';
export { openBinaryTable } from './binary-table/open-table.js';
export { type Cell, readRecords, UnreadCell } from './binary-table/read-records.js';
export { type ByteSource, openFile } from './byte-source.js';
export { canonicalJson } from './canonical-json.js';
export { sha256, sha256OfFile } from './checksum.js';
export { withClaims } from './claims/with-claims.js';
export {
  type Accuracy,
  type Confusion,
  type Prediction,
  readAccuracy,
  readConfusion,
  readPredictions,
  readScores,
  type Score,
  writeAccuracy,
  writeConfusion,
  writePredictions,
  writeScores,
} from './decode-tables.js';
export { beginsPage, pagedActivity, recognizePages } from './direct-io/page-memory.js';
export { type Event, readEvents, writeEvents } from './event-table.js';
export { mostGrowth } from './gathering-writer.js';
export {
  type CalibrationRate,
  readCalibration,
  readDiagnostics,
  type SiteDiagnostics,
  writeCalibration,
  writeDiagnostics,
} from './glm-tables.js';
export {
  describeOutput,
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
  readNetworkLikeness,
  readNetworkOverlap,
  readNetworkRepeatability,
  readNetworkSizes,
  readNetworkUnits,
  readStrongestUnits,
  type StrongestUnit,
  writeNetworkLikeness,
  writeNetworkOverlap,
  writeNetworkRepeatability,
  writeNetworkSizes,
  writeNetworkUnits,
  writeStrongestUnits,
} from './network-tables.js';
export { addToPromptSums, batchesOfRun, type PromptMeans, readPromptMeans } from './prompt-means.js';
export { type Columns, readAnyTable, readTable } from './table.js';
export { type NamedColumn, writeNamedTable, writeTable } from './table-writer.js';
export { readTokens, type Token, writeTokens } from './token-table.js';
export { damagedOutputs, rememberedDigest, rememberOutputs } from './verification.js';
export { galvaniVersion } from './version.js';
export { requireWritableFile, requireWritableFolder } from './writable.js';
