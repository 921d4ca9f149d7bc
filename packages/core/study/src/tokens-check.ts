import { alternatives, UserMistake } from '@galvani/terminal';
import type { noiseModels } from './noise-models.js';
import { presentedPrompts } from './prompts-section.js';
import type { StudyFile } from './study-file.js';
import type { Study } from './study-schema.js';

type Noise = (typeof noiseModels)[number];

/** The noise models that each set of prompts' moments serves, those of the sets before it included. */
const servedByMoments: Record<Study['extraction']['moments'], readonly Noise[]> = {
  mean: ['prompt'],
  squares: ['prompt', 'ols', 'mixed'],
  lagged: ['prompt', 'ols', 'mixed', 'ar1', 'ar1+prompt'],
};

/** What noise models do with the moments that a set has beyond those before it. */
const servedWords = {
  squares: "tells how tokens vary about their prompt's mean, which takes their squares",
  lagged: 'estimates how a token follows from the one before it, which takes products of neighbours',
} as const;

/**
 * Checks that what is kept of each prompt (`extraction.tokens`, `extraction.keep`) is what the study's other parts need.
 *
 * @throws UserMistake with the line of study.yaml that is at fault
 */
export function checkTokens(file: StudyFile): void {
  const { extraction, glm } = file.study;
  const { mode, tokens, keep, moments, templateTokens } = extraction;
  checkTemplate(file);
  checkEnd(file);
  if (templateTokens !== undefined && (mode !== 'read' || presentedPrompts(file.study.prompts).template === undefined))
    throw new UserMistake(
      `${file.locate('extraction', 'templateTokens')}: templateTokens is of prompts that are read within a template. Set extraction.mode: read and prompts: { template: chat } (or a text with {prompt}), or leave it out.`,
    );
  if (keep === 'tokens' && moments !== 'mean')
    throw new UserMistake(
      `${file.locate('extraction', 'moments')}: moments are kept of prompts, and extraction.keep is tokens, which serves every noise model. Set extraction.keep: prompts, or leave moments out.`,
    );
  if (tokens !== 'all' && mode === 'generate')
    throw new UserMistake(
      `${file.locate('extraction', 'tokens')}: ${tokens} is of prompts that are read, and extraction.mode is generate. Set extraction.mode: read; or leave tokens out: extraction.keep: prompts keeps means over generated tokens, and extraction.newTokens: 1 records the prompt's last position.`,
    );
  if (tokens !== 'all' && keep === 'prompts')
    throw new UserMistake(
      `${file.locate('extraction', 'keep')}: extraction.tokens: ${tokens} keeps one row of each prompt already. Leave one of the two out.`,
    );
  if (tokens !== 'all') {
    if (glm.noise !== 'prompt' && glm.noise !== 'ols')
      throw new UserMistake(
        `${file.locate('glm', 'noise')}: extraction.tokens: ${tokens} keeps one row of each prompt, and ${glm.noise} is about several tokens of a prompt. Set extraction.tokens: all, or glm.noise: prompt (or ols).`,
      );
    checkCourses(file, `extraction.tokens: ${tokens} keeps one row of each prompt`, 'Set extraction.tokens: all');
  } else if (keep === 'prompts') checkMoments(file);
}

/** What comes after the end of a text cannot count where there is none. */
function checkEnd(file: StudyFile): void {
  const { extraction, glm } = file.study;
  if (extraction.afterEnd !== 'stop') return;
  if (extraction.mode === 'read')
    throw new UserMistake(
      `${file.locate('extraction', 'afterEnd')}: stop is of text that the model generates, and extraction.mode is read. Leave afterEnd out, or set extraction.mode: generate.`,
    );
  if (glm.afterEnd === 'keep')
    throw new UserMistake(
      `${file.locate('glm', 'afterEnd')}: keep counts what is generated after the end of a text, and extraction.afterEnd: stop records none of it. Leave one of the two out.`,
    );
}

function checkTemplate(file: StudyFile): void {
  const { prompts } = file.study;
  if (typeof prompts === 'string' || Array.isArray(prompts)) return;
  if (prompts.system !== undefined && prompts.template !== 'chat')
    throw new UserMistake(
      `${file.locate('prompts', 'system')}: a system text is of the model's chat template. Set template: chat, or write it into the text around {prompt}.`,
    );
}

/** Moments of prompts are kept. */
function checkMoments(file: StudyFile): void {
  const { extraction, glm } = file.study;
  const { moments } = extraction;
  const kept = `extraction.keep: prompts keeps of each prompt ${keptWords[moments]}`;
  if (moments !== 'mean' && extraction.storage === 'float16')
    throw new UserMistake(
      `${file.locate('extraction', 'storage')}: ${kept}, and float16 does not hold squares: those of small activations become 0 in it, those of large ones are beyond its 65504. Leave storage out (float32), or set extraction.moments: mean and glm.noise: prompt.`,
    );
  if (!servedByMoments[moments].includes(glm.noise)) {
    const wanted = (['squares', 'lagged'] as const).find((set) => servedByMoments[set].includes(glm.noise));
    const why = wanted ? servedWords[wanted] : 'goes through every token anew to fit it, which no moments stand in for';
    const cure = wanted ? `Set extraction.moments: ${wanted}` : 'Set extraction.keep: tokens';
    throw new UserMistake(
      `${file.locate('glm', 'noise')}: ${kept}, which is not enough for ${glm.noise}: it ${why}. ${cure}, or glm.noise: ${alternatives(servedByMoments[moments])}.`,
    );
  }
  if (glm.transform !== 'none')
    throw new UserMistake(
      `${file.locate('glm', 'transform')}: ${kept}, and glm.transform: ${glm.transform} is of each token's activation. Set extraction.keep: tokens, or leave transform out.`,
    );
  // Prompts' means take each regressor's mean over the prompt, which the tokens say.
  if (glm.noise === 'prompt') return;
  for (const part of ['regressor', 'modulators', 'drift', 'confounds'] as const)
    if (glm[part] !== undefined && !(part === 'regressor' && glm.regressor?.kind === 'boxcar'))
      throw new UserMistake(
        `${file.locate('glm', part)}: ${kept}, and with glm.noise: ${glm.noise} what glm.${part} adds to the design has to be fitted token by token. Set extraction.keep: tokens, or glm.noise: prompt, or leave ${part} out.`,
      );
}

const keptWords = {
  mean: 'the mean over its tokens',
  squares: 'the mean and squares over its tokens',
  lagged: 'moments over its tokens',
} as const;

/** Refuses what changes from token to token, where there is one row of each prompt. */
function checkCourses(file: StudyFile, kept: string, cure: string): void {
  const { glm } = file.study;
  if (glm.regressor && glm.regressor.kind !== 'boxcar')
    throw new UserMistake(
      `${file.locate('glm', 'regressor')}: ${kept}, which has no course over tokens. ${cure}, or leave regressor out.`,
    );
  const position = glm.modulators?.findIndex(({ value }) => value === 'position') ?? -1;
  if (position >= 0)
    throw new UserMistake(
      `${file.locate('glm', 'modulators', position)}: ${kept}, so every position is 0 and explains nothing. ${cure}, or leave it out.`,
    );
}
