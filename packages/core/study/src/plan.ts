import { basename, dirname, resolve } from 'node:path';
import { embeddedPrompts } from '@galvani/frog';
import { type Run, runsOf, stageTable } from '@galvani/pipeline';
import { didYouMean, UserMistake } from '@galvani/terminal';
import { noIdentification } from './absent.js';
import { correctionNames } from './corrections.js';
import { checkGlm } from './glm-check.js';
import { lesionParameters } from './lesion-parameters.js';
import { modelSource, recorded, recordedTwin } from './model-source.js';
import { checkOffTasks, hasNoRest, withoutRest } from './off-tasks.js';
import { checkPairs } from './pairs-check.js';
import { type Prompt, readPromptBank, topicsOf } from './prompt-bank.js';
import { checkSupply } from './prompt-supply.js';
import { writtenBanks } from './prompts-section.js';
import { checkReachable } from './reachable-check.js';
import type { OwnSections, PlannedParameters } from './stage-parameters.js';
import type { StudyFile } from './study-file.js';
import { randomStringsTask, type Study } from './study-schema.js';
import { checkTokens } from './tokens-check.js';
import { portable, workspaceOf } from './workspace.js';
import { checkYardstick } from './yardstick-check.js';

/** A checked study: every task has a topic, every block its prompts, every file is there. */
export interface Plan {
  name: string;
  study: Study;
  runs: Run[];
  parameters: PlannedParameters;
}

/**
 * Checks a study against its prompt bank and files and cuts it into the parameters of each stage.
 * @throws UserMistake with the line of study.yaml that is at fault.
 */
export async function planStudy(file: StudyFile): Promise<Plan> {
  const { study, path } = file;
  const folder = dirname(resolve(path));
  const name = basename(folder);
  const workspace = workspaceOf(path);
  const banks = bankFiles(file, folder);
  const bank = await readPromptBank(...banks).catch((cause: Error) => {
    const written = writtenBanks(study.prompts);
    throw written.banks.length === 1 && written.banks[0] === 'embedded'
      ? cause
      : new UserMistake(`${file.locate(...written.field)}: ${cause.message}`, { cause });
  });
  const restTopics = checkTopics(file, bank);
  const noRest = hasNoRest(study);
  if (noRest) checkOffTasks(file, bank);
  else {
    checkPairs(file, bank, restTopics);
    checkSupply(file, bank, restTopics);
  }
  const runs = runsOf(study.tasks, study.design.sessions);
  checkTokens(file);
  const confounds = await checkGlm(file);
  checkReachable(file);
  checkTop(file);
  checkFamily(file);
  checkYardstick(file, restTopics);
  const extract = recorded(study, await modelSource(file, folder, workspace));
  const unidentified = noIdentification(study);
  return {
    name,
    study,
    runs,
    parameters: {
      ...ownSections(study),
      design: {
        seed: study.seed,
        tasks: study.tasks,
        design: study.design,
        prompts: banks.map((path) => portable(workspace, path)),
        restTopics,
        ...(study.rest.repeat && { repeatRest: study.rest.repeat }),
      },
      extract,
      twin: recordedTwin(extract, study.controls.twin),
      runs,
      glm: {
        seed: study.seed,
        ...study.glm,
        ...(study.design.pairs && { pairs: true as const }),
        ...(noRest && { rest: 'none' as const }),
        ...(confounds && { confounds: portable(workspace, confounds) }),
      },
      decode: unidentified ?? { seed: study.seed, ...study.decode },
      controls: unidentified ?? { seed: study.seed, ...study.controls },
      yardstick: withoutRest(study, 'The yardstick sets each task beside topics of rest') ?? {
        seed: study.seed,
        ...study.yardstick,
      },
      geometry: { seed: study.seed, ...study.geometry, ...(noRest && { rest: 'none' as const }) },
      lesion: await lesionParameters(file, workspace),
      steer: withoutRest(study, 'What is steered are texts on topics of rest') ?? { seed: study.seed, ...study.steer },
      report: {
        study: name,
        folder: portable(workspace, folder) || name,
        title: study.title ?? name,
        description: study.description ?? '',
      },
    },
  };
}

function ownSections(study: Study): OwnSections {
  const own = stageTable.flatMap(({ name }) => (name in study ? [[name, study[name as keyof Study]]] : []));
  return Object.fromEntries(own) as OwnSections;
}

/** Where the files of the prompt bank lie. @throws UserMistake for one that is named twice */
function bankFiles(file: StudyFile, folder: string): string[] {
  const { banks, field } = writtenBanks(file.study.prompts);
  const paths = banks.map((each) => (each === 'embedded' ? embeddedPrompts : resolve(folder, each)));
  const twice = paths.findIndex((path, p) => paths.indexOf(path) !== p);
  if (twice >= 0) throw new UserMistake(`${file.locate(...field, twice)}: '${banks[twice]}' is listed twice.`);
  return paths;
}

function checkTopics(file: StudyFile, bank: readonly Prompt[]): string[] {
  const { study } = file;
  const topics = topicsOf(bank);
  const repeated = study.tasks.findIndex((task, i) => study.tasks.indexOf(task) !== i);
  if (repeated >= 0)
    throw new UserMistake(`${file.locate('tasks', repeated)}: the task '${study.tasks[repeated]}' is listed twice.`);
  const rested = study.tasks.indexOf('rest');
  if (rested >= 0)
    throw new UserMistake(
      `${file.locate('tasks', rested)}: 'rest' is what contrasts call the off blocks; give the topic another name in the bank.`,
    );
  const unknown = (field: (string | number)[], topic: string, also: string[]) =>
    new UserMistake(
      `${file.locate(...field)}: there is no topic '${topic}' in the prompt bank.${didYouMean(topic, [...topics, ...also])} It has: ${[...topics, ...also].join(', ')}.`,
    );
  for (const [i, task] of study.tasks.entries())
    if (task !== randomStringsTask && !topics.includes(task)) throw unknown(['tasks', i], task, [randomStringsTask]);
  if (hasNoRest(study)) return [];
  const rest = study.rest.topics ?? topics.filter((topic) => !study.tasks.includes(topic));
  for (const [i, topic] of rest.entries()) {
    if (!topics.includes(topic)) throw unknown(['rest', 'topics', i], topic, []);
    if (study.tasks.includes(topic))
      throw new UserMistake(`${file.locate('rest', 'topics', i)}: '${topic}' is a task; off blocks need other topics.`);
  }
  if (rest.length === 0)
    throw new UserMistake(
      `${file.locate('tasks')}: every topic of the bank is a task, so nothing is left for off blocks.`,
    );
  return rest;
}

function checkFamily(file: StudyFile): void {
  const { correction, family } = file.study.networks;
  if (family === 'study' && correction === 'none')
    throw new UserMistake(
      `${file.locate('networks', 'family')}: correction none corrects nothing, neither over units nor over tasks. Choose networks.correction: ${correctionNames.filter((name) => name !== 'none').join(', ')}, or leave family out.`,
    );
}

/** A selection has no threshold for these to be of. */
function checkTop(file: StudyFile): void {
  if (file.study.networks.top === undefined) return;
  const ofThreshold = ['correction', 'family', 'alpha', 'minimumEffect'].find((name) => file.written('networks', name));
  if (ofThreshold !== undefined)
    throw new UserMistake(
      `${file.locate('networks', ofThreshold)}: ${ofThreshold} is of a threshold, and networks.top takes the strongest units whatever their p and size. Leave out ${ofThreshold}, or top.`,
    );
}
