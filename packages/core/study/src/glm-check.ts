import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { didYouMean, UserMistake } from '@galvani/terminal';
import type { StudyFile } from './study-file.js';

/**
 * Checks what the `glm` part asks for against the rest of the study.
 * @returns the path of the confounds, absolute, if there are any
 * @throws UserMistake with the line of study.yaml that is at fault
 */
export async function checkGlm(file: StudyFile): Promise<string | undefined> {
  const { study, path } = file;
  const { noise, regressor, modulators, conjunctions, secondLevel, confounds } = study.glm;
  if (noise === 'prompt' && regressor?.kind === 'fir')
    throw new UserMistake(
      `${file.locate('glm', 'regressor')}: the noise model prompt looks at means over prompts, which have no course over tokens. Choose noise: ar1+prompt (or ols, ar1, arma11), or leave regressor out.`,
    );
  const position = modulators?.findIndex(({ value }) => value === 'position') ?? -1;
  if (noise === 'prompt' && position >= 0)
    throw new UserMistake(
      `${file.locate('glm', 'modulators', position)}: position has the same mean in every prompt, so the noise model prompt cannot see it. Choose noise: ar1+prompt (or ols, ar1, arma11), or leave it out.`,
    );
  const twice = modulators?.findIndex(
    (one, i) => modulators.findIndex((other) => other.value === one.value && other.of === one.of) !== i,
  );
  if (twice !== undefined && twice >= 0)
    throw new UserMistake(`${file.locate('glm', 'modulators', twice)}: ${modulators![twice].value} is listed twice.`);
  for (const [name, tasks] of Object.entries(conjunctions ?? {})) {
    const where = file.locate('glm', 'conjunctions', name);
    const unknown = tasks.find((task) => !study.tasks.includes(task));
    if (unknown !== undefined)
      throw new UserMistake(
        `${where}: there is no task '${unknown}'.${didYouMean(unknown, study.tasks)} Tasks: ${study.tasks.join(', ')}.`,
      );
    if (new Set(tasks).size !== tasks.length) throw new UserMistake(`${where}: a task is listed twice.`);
  }
  if (secondLevel && study.design.sessions < 2)
    throw new UserMistake(
      `${file.locate('glm', 'secondLevel')}: random effects need 2 sessions or more; design.sessions is ${study.design.sessions}.`,
    );
  if (confounds === undefined) return undefined;
  const full = resolve(dirname(resolve(path)), confounds);
  if (!(await stat(full).catch(() => undefined))?.isFile())
    throw new UserMistake(`${file.locate('glm', 'confounds')}: there is no file at ${full}.`);
  return full;
}
