import { resolve } from 'node:path';
import { canonicalJson, sha256 } from '@galvani/artifact';
import { planOf, type StudyFolder } from '@galvani/study';
import { shellWord } from '../shell-word.js';
import { clusterFolder, stagesOf, type Task, type TaskList, wholeStage } from '../task.js';
import { stageOf } from '../task-list.js';

/** Where a study's Snakefile lies; absolute. */
export const snakefilePath = (list: TaskList) => resolve(list.workspace, clusterFolder(list), 'Snakefile');

/**
 * A study as a Snakefile: a rule for each stage, whose outputs are manifests. Snakemake 7.21 and later run it on every executor that
 * they have.
 *
 * What a stage is told is a parameter of its rule, so that another plan runs again what it touches and nothing else; the list of tasks
 * is a variable that Snakemake does not look at.
 *
 * @param galvani the words that start galvani
 */
export async function snakefile(list: TaskList, folder: StudyFolder, galvani: readonly string[]): Promise<string> {
  const stages = stagesOf(list);
  const rules: string[] = [];
  for (const tasks of stages.values()) rules.push(await rule(list, tasks, stages, folder));
  const last = [...stages.values()].flat().filter((task) => !list.tasks.some(({ needs }) => needs.includes(task.id)));
  return [
    `# ${list.study}, for Snakemake 7.21 or later. Written by galvani export snakemake, which writes it anew.`,
    '#',
    `#     snakemake --snakefile ${shellWord(`${clusterFolder(list)}/Snakefile`)} --cores 4 --rerun-incomplete --retries 2`,
    '',
    `workdir: ${text(list.workspace)}`,
    '',
    `galvani = ${text(galvani.map(shellWord).join(' '))}`,
    `tasks = ${text(shellWord(list.file))}`,
    ...[...stages].flatMap(([stage, tasks]) =>
      tasks[0].unit === wholeStage ? [] : [`${unitsName(stage)} = ${pythonList(tasks.map(({ unit }) => unit))}`],
    ),
    '',
    'localrules: all',
    '',
    'rule all:',
    `    input: ${last.flatMap(({ outputs }) => outputs.map(pathText)).join(', ')}`,
    ...rules.map((each) => `\n${each}`),
    '',
  ].join('\n');
}

async function rule(
  list: TaskList,
  tasks: readonly Task[],
  stages: ReadonlyMap<string, readonly Task[]>,
  folder: StudyFolder,
): Promise<string> {
  const [{ stage, unit, needs, inputs, resources }] = tasks;
  const whole = unit === wholeStage;
  const before = [...stages.keys()].filter((each) => needs.some((id) => id.split('/')[0] === each));
  const manifests = before.map((each) => outputOf(list, each, stages.get(each)![0].unit === wholeStage));
  // The plan has a parameter of its own: it is written whole, and would be newer than all where one number of it is.
  const outside = inputs.filter((path) => list.sources.includes(path) && !path.startsWith(`${list.derivatives}/plan/`));
  const plan = sha256(canonicalJson(await planOf(folder, stageOf({ stage })))).slice(0, 12);
  const lines = [
    `rule ${stage}:`,
    ...(manifests.length + outside.length > 0 ? ['    input:'] : []),
    ...[...manifests, ...outside.map(pathText)].map((each) => `        ${each},`),
    `    output: ${whole ? outputOf(list, stage, true) : unitsText(list, stage)}`,
    `    params: plan=${text(plan)}`,
    `    threads: ${resources.cores}`,
    `    resources: mem_mb=${resources.megabytes}, runtime=${Math.ceil(resources.seconds / 60)}`,
    `    shell: "{galvani} exec --plan {tasks} --stage ${stage} --units ${whole ? wholeStage : '{wildcards.unit}'}"`,
  ];
  if (!whole) lines.splice(1, 0, `    wildcard_constraints: unit="|".join(${unitsName(stage)})`);
  return lines.join('\n');
}

function outputOf({ derivatives }: TaskList, stage: string, whole: boolean): string {
  if (whole) return pathText(`${derivatives}/${stage}/manifest.json`);
  return `expand(${unitsText({ derivatives }, stage)}, unit=${unitsName(stage)})`;
}

const unitsName = (stage: string) => `units_of_${stage}`;
/** A string of Python's: JSON's are among them. */
const text = (value: string) => JSON.stringify(value);
/** The same of a path, in which braces would be wildcards. */
const pathText = (path: string) => text(path.replaceAll(/[{}]/g, '$&$&'));
const unitsText = ({ derivatives }: Pick<TaskList, 'derivatives'>, stage: string) =>
  text(`${derivatives.replaceAll(/[{}]/g, '$&$&')}/${stage}/{unit}/manifest.json`);
const pythonList = (values: readonly string[]) => `[\n${values.map((each) => `    ${text(each)},\n`).join('')}]`;
