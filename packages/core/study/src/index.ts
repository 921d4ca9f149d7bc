export { isAbsent, noIdentification } from './absent.js';
export { type CheckedYaml, checkYaml } from './checked-yaml.js';
export { claimed } from './claimed.js';
export { commitStage, removeShares, replaceStage } from './commit-stage.js';
export { type ConfoundTable, readConfoundTable } from './confound-table.js';
export { parseContrast } from './contrast-expression.js';
export {
  correctionColumn,
  correctionNames,
  correctionOf,
  corrections,
  type Family,
  kindsOverTasks,
} from './corrections.js';
export { type Dictionary, dictionarySchema } from './dictionary.js';
export {
  contrastsSchema,
  driftSchema,
  modulatorSchema,
  noiseDescription,
  regressorSchema,
  varianceSchema,
} from './glm-schema.js';
export { studyJsonSchema } from './json-schema.js';
export { type LesionPair, readLesionPairs, readLesionTexts } from './lesion-files.js';
export { filledLesion, mostMasks } from './lesion-parameters.js';
export { mapFolder } from './map-folder.js';
export type { GivenModel, ModelSource, Recorded } from './model-source.js';
export { noiseAssumptions, noiseModels, varianceAssumptions } from './noise-models.js';
export { requireOwnFolders } from './own-folder.js';
export { partnersOf } from './pairs-check.js';
export {
  digestOfPlan,
  isPlanned,
  planDigest,
  readableStudy,
  readParameters,
  readPlan,
  withPlan,
  writeParameters,
} from './parameters-file.js';
export { planStudy } from './plan.js';
export { edgeSpaceWarning, type Prompt, readPromptBank, topicsOf } from './prompt-bank.js';
export { type CountTokens, randomStrings } from './random-strings.js';
export { openRecordedRuns, type RecordedRun } from './recorded-runs.js';
export { requireRegressorRange } from './regressor-range.js';
export { schemaSentences } from './schema-sentence.js';
export { type OpenShare, openShares } from './shares/open-shares.js';
export { piecesOf, shareFolder, shareName, shareNamed, sharePath, sharesOf } from './shares/share-name.js';
export { shareStates } from './shares/share-states.js';
export { leavePlaceholder, writeShare } from './shares/write-share.js';
export { absentStages, type PlannedParameters, type StageParameters, whyAbsent } from './stage-parameters.js';
export { foldersOf, planOf, type Stage, stages } from './stage-plan.js';
export { readStudyBank } from './study-bank.js';
export { parseStudy, readStudyFile } from './study-file.js';
export {
  activationsPath,
  calibrationPath,
  eventsPath,
  mapPath,
  type RecordingStage,
  runFolder,
  type StudyFolder,
  studyFolder,
  tokensPath,
  verifiedFolder,
} from './study-folder.js';
export { randomStringsTask, type StudyInput, studySchema } from './study-schema.js';
export { openUpstream, readManifests, staleFolders, type Upstream } from './upstream.js';
export {
  dataColumns,
  nameCell,
  numberCell,
  parseUserTable,
  readUserTable,
  requireColumns,
  textCell,
  type UserTable,
} from './user-table.js';
export { bytesToVerify, newsSincePlanned, type StageVerdict, verifyStudy } from './verify-study.js';
export { cacheFolder, derivativesOf, located, portable, workspaceOf } from './workspace.js';
