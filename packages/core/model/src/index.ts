/**
 * A checkpoint or an ONNX file as a runnable subject with named sites.
 *
 * @module @galvani/model
 */
export type { Activations } from './activations.js';
export { meanEmbeddings } from './checkpoint/mean-embeddings.js';
export { readTokenEmbedding, type TokenEmbedding } from './checkpoint/token-embedding.js';
export { rowInterventions, type UnitChange } from './forward/interventions.js';
export { cannotGenerate, type Generation, type PromptSums, type RecordedStep } from './forward/request.js';
export type { Sampling } from './forward/sampling.js';
export { type TextEnds, textEnds } from './forward/text-ends.js';
export { heldModel, locateModel } from './hub/locate-model.js';
export { describeSubject, digestSubject, loadSubject, openLossSubject } from './load-subject.js';
export type { LossSubject } from './loss-subject.js';
export { openModelTokenizer, tokenizerPaths } from './model-files.js';
export { hiddenUnits, namedSites } from './named-sites.js';
export { describeFixed } from './onnx-import/describe-fixed.js';
export type { ImportedSubject } from './onnx-import/imported-subject.js';
export { describeUnnamed } from './onnx-import/unnamed-nodes.js';
export { selfCheck } from './self-check.js';
export type { Device } from './session/open-session.js';
export type { Site } from './site.js';
export { selectSites } from './site-patterns.js';
export type { Subject, SubjectDescription, SubjectOptions } from './subject.js';
export { openingBytes, subjectFiles, weightFiles } from './subject-files.js';
export type { Tokenizer } from './tokenizer/tokenizer.js';
export { unreachableTokens } from './tokenizer/unreachable-tokens.js';
export { writeTwin } from './twin/write-twin.js';
export { describeUnitWeights, type ModelWeights } from './unit-weights/unit-weights.js';
export type { Passage, SiteWeights, WeightSlices } from './unit-weights/weight-slices.js';
export { writeSafetensors } from './weights/safetensors-write.js';
