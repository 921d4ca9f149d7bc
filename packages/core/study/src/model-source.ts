import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { embeddedModel } from '@galvani/frog';
import { UserMistake } from '@galvani/terminal';
import { presentedPrompts } from './prompts-section.js';
import type { StudyFile } from './study-file.js';
import type { Study } from './study-schema.js';
import { portable } from './workspace.js';

/** Where a model's files come from; `path` is relative to the workspace. */
export type GivenModel = { path: string } | { hub: string; revision: string };
/** The subject: a model, or the untrained twin of one, made with a seed. */
export type ModelSource = GivenModel | { twin: GivenModel; seed: number };

/** How a model is recorded. */
export type Recorded = { seed: number; model: ModelSource } & Omit<Study['extraction'], 'afterEnd'> & {
    /** What stands around each prompt: chat (the model's own chat template), or a text with {prompt}. Undefined: nothing. */
    template?: string;
    /** The system text of a chat template. */
    system?: string;
    /** Whether a prompt's tokens end with its text; else the model is made to go on. */
    stopAtEnd?: true;
    /** Where prompts' moments are kept: whether they hold what comes after the end of a prompt's text. */
    afterEnd?: Study['glm']['afterEnd'];
    /** Whether a number beyond float16 is stored as the largest that it holds, in place of a failure. */
    saturate?: true;
  };

/** What a study records of a model. Only of moments does what is recorded depend on which tokens count. */
export const recorded = (
  { seed, extraction: { afterEnd, ...extraction }, glm, prompts }: Study,
  model: ModelSource,
): Recorded => ({
  ...{ seed, model, ...extraction },
  ...(afterEnd === 'stop' && { stopAtEnd: true }),
  ...presentedPrompts(prompts),
  ...(extraction.keep === 'prompts' && { afterEnd: glm.afterEnd }),
});

const isOnnx = (model: GivenModel) => 'path' in model && /\.onnx$/i.test(model.path);

/**
 * The subject of a study, its files being there.
 *
 * @param folder that of study.yaml, absolute
 * @throws UserMistake with the line of study.yaml for a model that is not there, or that has no twin
 */
export async function modelSource(file: StudyFile, folder: string, workspace: string): Promise<ModelSource> {
  const { model } = file.study;
  if (typeof model === 'string' || 'hub' in model) return givenModel(model, file, ['model'], folder, workspace);
  const twin = await givenModel(model.twin, file, ['model', 'twin'], folder, workspace);
  if (isOnnx(twin))
    throw new UserMistake(
      `${file.locate('model', 'twin')}: ${noTwinOfOnnx} Give the folder of the checkpoint that the file was exported from, 'embedded', or { hub: owner/name }.`,
    );
  return { twin, seed: model.seed };
}

const noTwinOfOnnx =
  'an .onnx file has no twin, since which of its numbers are weights, and which belong together, is not known.';

async function givenModel(
  given: string | Extract<GivenModel, { hub: string }>,
  file: StudyFile,
  field: string[],
  folder: string,
  workspace: string,
): Promise<GivenModel> {
  if (typeof given !== 'string') return { hub: given.hub, revision: given.revision };
  const path = given === 'embedded' ? embeddedModel : resolve(folder, given);
  if (!(await stat(path).catch(() => undefined)))
    throw new UserMistake(
      `${file.locate(...field)}: there is no model at ${path}. Give a folder with config.json and weights, an .onnx file, 'embedded', or { hub: owner/name }.`,
    );
  return { path: portable(workspace, path) };
}

/**
 * How the twin of a subject is recorded: as the subject is, its weights permuted with the study's seed; where moments of prompts are kept,
 * means alone and in float16, since nobody takes more of a twin than prompts are identified by. A sentence that says why, where there is none.
 *
 * @param wanted `controls.twin`
 */
export function recordedTwin(extract: Recorded, wanted: boolean): Recorded | { absent: string } {
  const { model, seed } = extract;
  if (!wanted) return { absent: 'study.yaml leaves the twin out (controls.twin: false).' };
  if ('twin' in model) return { absent: 'the subject is a twin itself.' };
  if (isOnnx(model)) return { absent: noTwinOfOnnx };
  const halved = { moments: 'mean', storage: 'float16', saturate: true } as const;
  return { ...extract, ...(extract.keep === 'prompts' && halved), model: { twin: model, seed } };
}
