import { resolve } from 'node:path';
import { shellWord } from '@galvani/terminal';
import { secondsOf } from '../resources.js';
import { clusterFolder, type Resources, type TaskList } from '../task.js';
import { indexList, type JobArray } from './job-array.js';
import type { StageSettings } from './profile.js';

/** A stage as it is given to sbatch. */
export interface Batch {
  array: JobArray;
  settings: StageSettings;
  /** Of one unit. */
  resources: Resources;
  /** The words that start galvani, where the profile does not say. */
  galvani: readonly string[];
}

/** Folder of batch files, of what jobs print, and of which jobs were submitted; absolute. */
export const batchFolderOf = (list: TaskList) => resolve(list.workspace, clusterFolder(list));
export const batchPath = (list: Pick<TaskList, 'derivatives'>, group: string) =>
  `${clusterFolder(list)}/${group}.sbatch`;

/** `<study>-<stage>`, in letters that a job's name may have. */
export const jobName = (study: string, group: string) => `${study.replaceAll(/[^\w.-]/g, '-')}-${group}`;

/** The text of a stage's batch file. A comment says what it is; options are sbatch's long ones; the command is the last line. */
export function batchFile(list: TaskList, { array, settings, resources, galvani }: Batch): string {
  const { group, stage, units, only, size, indices } = array;
  const each = size === 1 ? 'one unit a task' : `${size} units a task`;
  const most = settings.concurrent === undefined ? '' : `%${settings.concurrent}`;
  const options = [
    ['job-name', jobName(list.study, group)],
    ['array', `${indexList(indices)}${most}`],
    ['ntasks', 1],
    ['cpus-per-task', settings.cores ?? resources.cores],
    ['mem', `${settings.memory ?? resources.megabytes}M`],
    ['time', slurmTime(settings.time ?? secondsOf(resources, Math.min(size, units)))],
    ['partition', settings.partition],
    ['account', settings.account],
    ['qos', settings.qos],
    ['constraint', settings.constraint],
    [settings.requeue ? 'requeue' : 'no-requeue', true],
    // What waits for a task that failed would wait for ever.
    ['kill-on-invalid-dep', 'yes'],
    ['open-mode', 'append'],
    ['chdir', quoted(list.workspace)],
    // A % of the folder's own is doubled, since Slurm puts numbers in place of %A, %j and the like.
    ['output', quoted(`${batchFolderOf(list).replaceAll('%', '%%')}/log/${group}-%A_%a.txt`)],
  ] as const;
  const lines = options.flatMap(([name, value]) =>
    value === undefined ? [] : [`#SBATCH --${name}${value === true ? '' : `=${value}`}`],
  );
  return [
    '#!/bin/bash',
    `# ${list.study}, ${group}: ${units} ${units === 1 ? 'unit' : 'units'}, ${each}. Written by galvani submit, which writes it anew.`,
    ...lines,
    ...settings.options.map((option) => `#SBATCH ${option}`),
    // Not -u: what `module load` runs uses variables that are not set.
    'set -e',
    ...settings.setup,
    ...settings.environment.map(([name, value]) => `export ${name}=${shellWord(value)}`),
    ...(size === 1
      ? []
      : [
          `first=$(((SLURM_ARRAY_TASK_ID - 1) * ${size} + 1))`,
          `last=$((SLURM_ARRAY_TASK_ID * ${size} < ${units} ? SLURM_ARRAY_TASK_ID * ${size} : ${units}))`,
        ]),
    `exec ${starter(settings, galvani)} exec --plan ${shellWord(list.file)} --stage ${stage} --units ${only ?? (size === 1 ? '"$SLURM_ARRAY_TASK_ID"' : '"$first-$last"')}`,
    '',
  ].join('\n');
}

function starter({ container, runner, galvani }: StageSettings, own: readonly string[]): string {
  const command = galvani ?? own.map(shellWord).join(' ');
  return container === undefined ? command : `${runner} ${shellWord(container)} ${command}`;
}

/** Seconds as Slurm writes them, `1-02:00:00`, rounded up to minutes. */
export function slurmTime(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  const two = (n: number) => String(n).padStart(2, '0');
  const days = Math.floor(minutes / 1440);
  return `${days > 0 ? `${days}-` : ''}${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}:00`;
}

/** A value of an option in a batch file, where quotes are read as a shell reads them. */
const quoted = (path: string) => (/^[\w./%+=@-]+$/.test(path) ? path : `"${path.replaceAll(/["\\]/g, '\\$&')}"`);
