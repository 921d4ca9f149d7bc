export { alternatives } from './alternatives.js';
export { collectRarely } from './collect-rarely.js';
export { advised, commandCaller, setCaller } from './command-name.js';
export type { DividedStage, Share } from './divided-stage.js';
export { explain, runCommand } from './exit-code.js';
export { interruptible } from './interrupt.js';
export { jsonText, plainNumber } from './json-text.js';
export { listed } from './listed.js';
export { makeFolder } from './make-folder.js';
export { Failure, Interrupted, UserMistake } from './mistake.js';
export { gatheredOutput, type OutputMode, outputMode, setOutput } from './output-mode.js';
export { answer, answerFacts, answerJson, detail, note, say, warn } from './print.js';
export { startProgress } from './progress.js';
export { formatBytes, formatCount, formatSeconds } from './quantity.js';
export { openRegularFile, readPieces } from './regular-file.js';
export { issuesByField, type SchemaIssue, wantedInstead } from './schema-issue.js';
export { shellWord } from './shell-word.js';
export { shownPath } from './shown-path.js';
export { type StageArguments, stageMain } from './stage-main.js';
export { didYouMean } from './suggestion.js';
export { describeSystemError, forbidsWriting, isSystemError, whileWriting, whyUnwritable } from './system-error.js';
export {
  decodeText,
  parseJson,
  readJsonFile,
  readJsonFileIfThere,
  readTextFile,
  readTextFileIfThere,
  readWholeFile,
  readWholeFileIfThere,
} from './text-file.js';
export { startWhole } from './whole-progress.js';
