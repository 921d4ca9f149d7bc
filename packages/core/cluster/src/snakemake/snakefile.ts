import { resolve } from 'node:path';
import { canonicalJson, galvaniVersion, sha256 } from '@galvani/artifact';
import { planOf, type StudyFolder } from '@galvani/study';
import { shellWord } from '@galvani/terminal';
import { requireOneLine } from '../one-line.js';
import { secondsOf } from '../resources.js';
import { clusterFolder, groupsOf, shareOf, type Task, type TaskList, wholeStage } from '../task.js';
import { stageOf } from '../task-list.js';

/** Where a study's Snakefile lies; absolute. */
export const snakefilePath = (list: TaskList) => resolve(list.workspace, clusterFolder(list), 'Snakefile');

/**
 * A study as a Snakefile: a rule for each stage, and one for its shares, whose outputs are manifests. Snakemake 7.21 and later run it on every executor that
 * they have.
 *
 * What a stage is told is a parameter of its rule, with the version of galvani, so that another plan runs again what it touches and nothing
 * else; the list of tasks is a variable that Snakemake does not look at.
 *
 * @param galvani the words that start galvani
 * @throws UserMistake as `requireOneLine`
 */
export async function snakefile(list: TaskList, folder: StudyFolder, galvani: readonly string[]): Promise<string> {
  requireOneLine(list, 'a Snakefile');
  const groups = groupsOf(list);
  const rules: string[] = [];
  for (const [group, tasks] of groups) rules.push(await rule(list, group, tasks, groups, folder));
  // Of all stages, since Snakemake does not miss what only what is done has read. Shares go when their stage is whole.
  const lasting = [...groups].filter(([, [first]]) => !shareOf(first));
  return [
    `# ${list.study}, for Snakemake 7.21 or later. Written by galvani export snakemake, which writes it anew.`,
    // A comment ends with its line.
    `# In the folder ${JSON.stringify(list.workspace)}:`,
    '#',
    `#     snakemake --snakefile ${shellWord(`${clusterFolder(list)}/Snakefile`)} --cores 4 --rerun-incomplete --retries 2`,
    '#',
    '# After a change of study.yaml, and with another version of galvani, write it anew: what that touches runs again.',
    '',
    `workdir: ${text(list.workspace)}`,
    '',
    `galvani = ${text(galvani.map(shellWord).join(' '))}`,
    `tasks = ${text(shellWord(list.file))}`,
    ...[...groups].flatMap(([group, tasks]) =>
      tasks[0].unit === wholeStage ? [] : [`${unitsName(group)} = ${pythonList(tasks.map(({ unit }) => unit))}`],
    ),
    '',
    'localrules: all',
    '',
    'rule all:',
    '    input:',
    ...lasting.map(([group, [first]]) => `        ${outputOf(group, first)},`),
    ...rules.map((each) => `\n${each}`),
    '',
  ].join('\n');
}

async function rule(
  list: TaskList,
  group: string,
  tasks: readonly Task[],
  groups: ReadonlyMap<string, readonly Task[]>,
  folder: StudyFolder,
): Promise<string> {
  const [{ stage, unit, needs, inputs, resources }] = tasks;
  const whole = unit === wholeStage;
  const needed = new Set(needs);
  const before = [...groups].filter(([, own]) => own.some(({ id }) => needed.has(id)));
  const manifests = before.map(([each, [first]]) => outputOf(each, first));
  // The plan has a parameter of its own: it is written whole, and would be newer than all where one number of it is.
  const outside = inputs.filter((path) => list.sources.includes(path) && !path.startsWith(`${list.derivatives}/plan/`));
  const told = { plan: await planOf(folder, stageOf({ stage })), galvani: galvaniVersion };
  const plan = sha256(canonicalJson(told)).slice(0, 12);
  const lines = [
    `rule ${group}:`,
    ...(manifests.length + outside.length > 0 ? ['    input:'] : []),
    ...[...manifests, ...outside.map(pathText)].map((each) => `        ${each},`),
    `    output: ${whole ? outputOf(group, tasks[0]) : unitsText(tasks[0])}`,
    `    params: plan=${text(plan)}`,
    `    threads: ${resources.cores}`,
    `    resources: mem_mb=${resources.megabytes}, runtime=${secondsOf(resources) / 60}`,
    `    shell: "{galvani} exec --plan {tasks} --stage ${stage} --units ${whole ? wholeStage : '{wildcards.unit}'}"`,
  ];
  if (!whole) lines.splice(1, 0, `    wildcard_constraints: unit="|".join(${unitsName(group)})`);
  return lines.join('\n');
}

/** All outputs of a group. @param first of its tasks */
function outputOf(group: string, first: Task): string {
  if (first.unit === wholeStage) return pathText(first.outputs[0]);
  return `expand(${unitsText(first)}, unit=${unitsName(group)})`;
}

const unitsName = (group: string) => `units_of_${group}`;
/** A string of Python's: JSON's are among them. */
const text = (value: string) => JSON.stringify(value);
/** The same of a path, in which braces would be wildcards. */
const pathText = (path: string) => text(path.replaceAll(/[{}]/g, '$&$&'));
/** The output of a task with a wildcard for its unit. */
function unitsText({ unit, outputs: [path] }: Task): string {
  const [before, after] = [
    path.slice(0, path.lastIndexOf(`/${unit}/`)),
    path.slice(path.lastIndexOf(`/${unit}/`) + unit.length + 1),
  ];
  return text([before, after].map((part) => part.replaceAll(/[{}]/g, '$&$&')).join('/{unit}'));
}
const pythonList = (values: readonly string[]) => `[\n${values.map((each) => `    ${text(each)},\n`).join('')}]`;
