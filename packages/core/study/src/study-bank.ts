import { sha256OfFile } from '@galvani/artifact';
import { type Prompt, readPromptBank } from './prompt-bank.js';
import type { StageParameters } from './stage-parameters.js';
import { located } from './workspace.js';

/** The prompts that a study's runs are made of, and the files that hold them. */
export interface StudyBank {
  bank: Prompt[];
  /** SHA-256 of each file by its name in artifacts, for a manifest's inputs. */
  inputs: Record<string, string>;
}

/**
 * Reads the prompt bank of a study's design.
 *
 * @param workspace what the names of files in artifacts are relative to
 * @throws UserMistake as `readPromptBank`
 */
export async function readStudyBank(
  workspace: string,
  { prompts }: Pick<StageParameters['design'], 'prompts'>,
): Promise<StudyBank> {
  const paths = prompts.map((name) => located(workspace, name));
  const bank = await readPromptBank(...paths);
  const digests = await Promise.all(paths.map(async (path, p) => [prompts[p], await sha256OfFile(path)] as const));
  return { bank, inputs: Object.fromEntries(digests) };
}
