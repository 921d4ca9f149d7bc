import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { runsOf } from '@galvani/pipeline';
import { didYouMean, UserMistake } from '@galvani/terminal';
import { type ConfoundTable, readConfoundTable } from './confound-table.js';
import { parseContrast } from './contrast-expression.js';
import { courseNames, designNames, namesInContrast, taskNames } from './design-names.js';
import { requireOwnFolders } from './map-folder.js';
import { noiseModels } from './noise-models.js';
import { hasNoRest } from './off-tasks.js';
import { promptsOfRun } from './pairs-check.js';
import type { StudyFile } from './study-file.js';

/**
 * Checks what the `glm` part asks for against the rest of the study.
 * @returns the path of the confounds, absolute, if there are any
 * @throws UserMistake with the line of study.yaml that is at fault
 */
export async function checkGlm(file: StudyFile): Promise<string | undefined> {
  checkRegressors(file);
  checkConjunctions(file);
  const { secondLevel, confounds } = file.study.glm;
  if (secondLevel && file.study.design.sessions < 2)
    throw new UserMistake(
      `${file.locate('glm', 'secondLevel')}: random effects need 2 sessions or more; design.sessions is ${file.study.design.sessions}.`,
    );
  const path = confounds === undefined ? undefined : resolve(dirname(resolve(file.path)), confounds);
  const table = path === undefined ? undefined : await checkConfounds(file, path);
  checkContrasts(file, table?.columns ?? []);
  return path;
}

/** The noise models that look at tokens, the best one first. */
const ofTokens = `ar1+prompt (or ${noiseModels.filter((name) => name !== 'prompt' && name !== 'ar1+prompt').join(', ')})`;

function checkRegressors(file: StudyFile): void {
  const { glm, extraction } = file.study;
  const { noise, regressor, modulators } = glm;
  if (noise === 'prompt' && regressor?.kind === 'fir')
    throw new UserMistake(
      `${file.locate('glm', 'regressor')}: the noise model prompt looks at means over prompts, which have no course over tokens. Choose noise: ${ofTokens}, or leave regressor out.`,
    );
  const position = modulators?.findIndex(({ value }) => value === 'position') ?? -1;
  if (noise === 'prompt' && position >= 0)
    throw new UserMistake(
      `${file.locate('glm', 'modulators', position)}: position has the same mean in every prompt, so the noise model prompt cannot see it. Choose noise: ${ofTokens}, or leave it out.`,
    );
  if (position >= 0 && extraction.mode === 'generate' && extraction.newTokens === 1)
    throw new UserMistake(
      `${file.locate('glm', 'modulators', position)}: with extraction.newTokens 1 every position is 0, so it explains nothing: leave it out.`,
    );
  const twice = modulators?.findIndex(
    (one, i) => modulators.findIndex((other) => other.value === one.value && other.of === one.of) !== i,
  );
  if (twice !== undefined && twice >= 0)
    throw new UserMistake(`${file.locate('glm', 'modulators', twice)}: ${modulators![twice].value} is listed twice.`);
  const task = modulators?.findIndex(({ value, of }) => of === 'all' && file.study.tasks.includes(value)) ?? -1;
  if (task >= 0)
    throw new UserMistake(
      `${file.locate('glm', 'modulators', task)}: ${modulators![task].value} is the name of a task too, so a contrast could mean either. Give of: tasks, or name the topic otherwise.`,
    );
}

function checkConjunctions(file: StudyFile): void {
  const { tasks, glm } = file.study;
  const where = (name: string) => file.locate('glm', 'conjunctions', name);
  for (const [name, members] of glm.conjunctions ?? []) {
    const unknown = members.find((task) => !tasks.includes(task));
    if (unknown !== undefined)
      throw new UserMistake(
        `${where(name)}: there is no task '${unknown}'.${didYouMean(unknown, tasks)} Tasks: ${tasks.join(', ')}.`,
      );
    if (new Set(members).size !== members.length) throw new UserMistake(`${where(name)}: a task is listed twice.`);
  }
  const names = (glm.conjunctions ?? []).map(([name]) => name);
  requireOwnFolders('conjunction', names, where);
}

function checkContrasts(file: StudyFile, confounds: readonly string[]): void {
  const { glm, tasks, extraction } = file.study;
  const where = (name: string) => file.locate('glm', 'contrasts', name);
  const names = designNames(file.study, confounds);
  const noRest = hasNoRest(file.study);
  const { regressor } = glm;
  const beyond =
    regressor?.kind === 'fir' && extraction.mode === 'generate'
      ? tasks.flatMap((task) =>
          courseNames(task, regressor).filter((_, bin) => bin * regressor.width >= extraction.newTokens),
        )
      : [];
  for (const [name, expression] of glm.contrasts) {
    let used: string[];
    try {
      used = namesInContrast(expression, names, !noRest);
      if (noRest) requireBalanced(expression, names, taskNames(file.study));
    } catch (cause) {
      throw new UserMistake(`${where(name)}: ${(cause as Error).message}`, { cause });
    }
    const empty = used.find((each) => beyond.includes(each));
    if (empty !== undefined)
      throw new UserMistake(
        `${where(name)}: no token is in ${empty}, as extraction.newTokens is ${extraction.newTokens} and positions count from 0.`,
      );
  }
  requireOwnFolders(
    'contrast',
    glm.contrasts.map(([name]) => name),
    where,
  );
}

/** Without rest only differences between tasks are known: a level that all of them share is the runs'. */
function requireBalanced(expression: string, names: readonly string[], ofTasks: readonly string[]): void {
  for (const row of parseContrast(expression, names, false).weights) {
    const weights = names.flatMap((name, k) => (ofTasks.includes(name) ? [row[k]] : []));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (Math.abs(sum) <= 1e-9 * weights.reduce((total, weight) => total + Math.abs(weight), 0)) continue;
    throw new UserMistake(
      `Contrast '${expression}': the weights of tasks add up to ${Number(sum.toPrecision(3))}, and without rest (rest: none) only differences between tasks are known. Let them add up to 0, as in ${ofTasks[0]} - ${ofTasks[1]}.`,
    );
  }
}

/** Reads the confounds, so that what is wrong with them is said before a model runs. */
async function checkConfounds(file: StudyFile, path: string): Promise<ConfoundTable> {
  const where = file.locate('glm', 'confounds');
  if (!(await stat(path).catch(() => undefined))?.isFile())
    throw new UserMistake(`${where}: there is no file at ${path}.`);
  const runs = runsOf(file.study.tasks, file.study.design.sessions);
  const prompts = promptsOfRun(file.study.design);
  try {
    const table = await readConfoundTable(path, runs);
    for (const { name } of runs) for (let prompt = 0; prompt < prompts; prompt++) table.values(name, prompt, 0);
    const taken = ['rest', ...designNames(file.study)];
    const column = table.columns.find(
      (name) => taken.includes(name) || /^run ses-\d+_task-\S+( drift_\d+)?$/.test(name),
    );
    if (column !== undefined)
      throw new UserMistake(
        `${path}: the column '${column}' has a name that the design gives to a task or another of its own columns. Rename it.`,
      );
    return table;
  } catch (cause) {
    if (!(cause instanceof UserMistake)) throw cause;
    throw new UserMistake(`${where}: ${cause.message}`, { cause });
  }
}
