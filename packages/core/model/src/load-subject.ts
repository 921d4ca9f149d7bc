import { openCheckpointLosses } from './checkpoint/checkpoint-losses.js';
import { describeCheckpoint, digestCheckpoint, openCheckpointSubject } from './checkpoint/checkpoint-subject.js';
import type { LossSubject, LossSubjectOptions } from './loss-subject.js';
import { isOnnxFile } from './model-files.js';
import { openImportedLosses } from './onnx-import/imported-losses.js';
import { describeImported, digestImported, openImported } from './onnx-import/imported-subject.js';
import type { SitePatterns } from './site-patterns.js';
import type { Subject, SubjectDescription, SubjectOptions } from './subject.js';
import type { HashOf } from './weights/tensor-file.js';

/** Loads a model from a folder in Hugging Face's layout (config.json, weights and, if there, tokenizer.json) or from an .onnx file. */
export async function loadSubject(path: string, options: SubjectOptions = {}): Promise<Subject> {
  return isOnnxFile(path) ? openImported(path, options) : openCheckpointSubject(path, options);
}

/** Reads config.json and the tensors' names and shapes, and says which sites the model has; an .onnx file is run once. */
export async function describeSubject(path: string, patterns?: SitePatterns): Promise<SubjectDescription> {
  return isOnnxFile(path) ? describeImported(path, patterns) : describeCheckpoint(path, patterns);
}

/**
 * A model's digest, as `Subject.digest` has it, without loading the model.
 *
 * @param hashOf gives the SHA-256 of a file of weights; by default each is read
 */
export async function digestSubject(path: string, hashOf?: HashOf): Promise<string> {
  return isOnnxFile(path) ? digestImported(path, hashOf) : digestCheckpoint(path, hashOf);
}

/**
 * Opens a checkpoint folder or an .onnx file.
 * @throws UserMistake for a site of an .onnx file that cannot be intervened on, and for a file that gives no logits of the next token
 */
export const openLossSubject = (path: string, options: LossSubjectOptions): Promise<LossSubject> =>
  isOnnxFile(path) ? openImportedLosses(path, options) : openCheckpointLosses(path, options);
