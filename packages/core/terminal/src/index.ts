export { exitCode, explain, runCommand } from './exit-code.js';
export { interruptible } from './interrupt.js';
export { makeFolder } from './make-folder.js';
export { Failure, Interrupted, UserMistake } from './mistake.js';
export { answer, note, say, warn } from './print.js';
export { type Progress, startProgress } from './progress.js';
export { formatBytes, formatCount, formatSeconds } from './quantity.js';
export { type FileRole, openRegularFile, openRegularFileIfThere, readPieces } from './regular-file.js';
export { type FieldIssue, issuesByField, type SchemaIssue, wantedInstead } from './schema-issue.js';
export { type StageArguments, stageMain } from './stage-main.js';
export { didYouMean, nearest } from './suggestion.js';
export { describeSystemError, isSystemError, whileWriting } from './system-error.js';
export {
  decodeText,
  parseJson,
  readJsonFile,
  readJsonFileIfThere,
  readTextFile,
  readTextFileIfThere,
  readWholeFile,
  readWholeFileIfThere,
  type WholeFile,
} from './text-file.js';
