import { UserMistake } from '@galvani/terminal';
import type { StudyFile } from './study-file.js';

/**
 * Checks that what is kept of each prompt (`extraction.tokens`) is what the study's other parts need.
 *
 * @throws UserMistake with the line of study.yaml that is at fault
 */
export function checkTokens(file: StudyFile): void {
  const { extraction, glm } = file.study;
  const { mode, tokens } = extraction;
  if (tokens === 'all') return;
  if (mode === 'generate')
    throw new UserMistake(
      `${file.locate('extraction', 'tokens')}: ${tokens} is of prompts that are read, and extraction.mode is generate. Set extraction.mode: read; or leave tokens out: means over generated tokens are what glm.noise prompt takes anyway, and extraction.newTokens: 1 records the prompt's last position.`,
    );
  const one = `extraction.tokens: ${tokens} keeps one row of each prompt`;
  const all = 'Set extraction.tokens: all';
  if (glm.noise !== 'prompt' && glm.noise !== 'ols')
    throw new UserMistake(
      `${file.locate('glm', 'noise')}: ${one}, and ${glm.noise} is about several tokens of a prompt. ${all}, or glm.noise: prompt (or ols).`,
    );
  if (glm.regressor && glm.regressor.kind !== 'boxcar')
    throw new UserMistake(
      `${file.locate('glm', 'regressor')}: ${one}, which has no course over tokens. ${all}, or leave regressor out.`,
    );
  const position = glm.modulators?.findIndex(({ value }) => value === 'position') ?? -1;
  if (position >= 0)
    throw new UserMistake(
      `${file.locate('glm', 'modulators', position)}: ${one}, so every position is 0 and explains nothing. ${all}, or leave it out.`,
    );
}
