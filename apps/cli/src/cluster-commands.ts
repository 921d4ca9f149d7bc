import { withClaims, writeFileWhole } from '@galvani/artifact';
import {
  batchFolderOf,
  parseProfile,
  planSubmission,
  readProfile,
  readQueue,
  readTaskList,
  runTasks,
  selectTasks,
  slurmIn,
  snakefile,
  snakefilePath,
  submissionScript,
  submitBatches,
  taskStates,
  writeBatches,
} from '@galvani/cluster';
import type { Stage } from '@galvani/study';
import {
  advised,
  answer,
  answerFacts,
  formatCount,
  gatheredOutput,
  interruptible,
  note,
  say,
  shellWord,
  shownPath,
} from '@galvani/terminal';
import { Command, Option } from 'commander';
import { exportBidsCommand } from './export-bids-command.js';
import { loadUnclaimed } from './load-stage.js';
import { statusCommand } from './status-command.js';
import { derivativesDefault } from './study-argument.js';
import { thisGalvani, withTaskList } from './study-tasks.js';

const studyArgument = ['<study>', 'study.yaml, or the folder that holds it'] as const;
const outOption = ['--out <folder>', `folder for derivatives (${derivativesDefault})`] as const;

/** Commands for machines that work together on one study: docs/clusters.md. */
export function clusterCommands(): Command[] {
  return [submitCommand(), statusCommand(), execCommand(), exportCommand()];
}

function execCommand(): Command {
  return new Command('exec')
    .description('do units of one stage, as a job of a cluster does: what is whole is kept, and two may do the same')
    .requiredOption('--plan <file>', 'the list of tasks that galvani plan --json writes')
    .requiredOption('--stage <name>', 'which stage')
    .option('--units <which>', 'positions from 1 or names, such as 6-8 or ses-01_task-pathology (default: all)')
    .action(async ({ plan, stage, units }: { plan: string; stage: string; units?: string }) => {
      const list = await readTaskList(plan);
      const tasks = selectTasks(list, stage, units);
      const work = await loadUnclaimed(stage as Stage);
      answerFacts({ study: list.study, stage, tasks: tasks.map(({ id }) => id) });
      await interruptible((signal) => runTasks(list, tasks, work, signal));
      answerFacts({ sentences: gatheredOutput().sentences });
    });
}

interface SubmitOptions {
  executor: 'slurm';
  profile?: string;
  dryRun?: true;
  out?: string;
}

function submitCommand(): Command {
  return new Command('submit')
    .description(
      'have a cluster do what is missing of a study: a job array for each stage, and nothing that stays behind',
    )
    .argument(...studyArgument)
    .addOption(new Option('--executor <name>', 'who runs jobs').choices(['slurm']).makeOptionMandatory())
    .option(
      '--profile <file>',
      "the cluster: partition, account, container, time, memory (docs/clusters.md); default: Slurm's own defaults",
    )
    .option('--dry-run', 'write the batch files, say how they would be submitted, and submit nothing')
    .option(...outOption)
    .action(async (named: string, { profile: path, dryRun, out }: SubmitOptions) => {
      const profile = path === undefined ? parseProfile('', 'cluster.yaml') : await readProfile(path);
      await interruptible((signal) =>
        withTaskList(named, out, signal, (list, folder, planned) =>
          // Two of these commands at once would submit everything twice.
          withClaims(folder, { write: ['cluster'] }, planned, async (signal) => {
            const states = await taskStates(folder, list, { signal });
            const slurm = slurmIn(list.workspace);
            const queue = (await readQueue(list, slurm)) ?? [];
            const submissions = planSubmission(list, states, queue, { profile, galvani: thisGalvani });
            const done = [...states.values()].filter(({ state }) => state === 'done').length;
            answerFacts({ study: list.study, done, tasks: states.size, submitted: [] });
            const counted = `${formatCount(done)} of ${formatCount(states.size)} tasks are done`;
            if (submissions.length === 0)
              return say(
                `submit: ${counted}${queue.length > 0 ? ', the rest is in the queue' : ''}; there is nothing to submit.`,
              );
            await writeBatches(list, submissions);
            const where = shownPath(batchFolderOf(list));
            if (dryRun) {
              note(`submit: ${counted}. Nothing is submitted; batch files are in ${where}. In ${list.workspace}:`);
              const script = submissionScript(list, submissions);
              return answer(script.join('\n'), { folder: batchFolderOf(list), workspace: list.workspace, script });
            }
            const jobs = await submitBatches(list, submissions, queue, slurm);
            const submitted = submissions.map(({ batch: { array } }) => ({
              ...{ group: array.group, job: jobs.get(array.group), tasks: array.indices.length },
            }));
            answerFacts({ folder: batchFolderOf(list), submitted });
            for (const { batch } of submissions) {
              const { group, indices } = batch.array;
              say(
                `submit: ${group}: job ${jobs.get(group)}, ${formatCount(indices.length)} ${indices.length === 1 ? 'task' : 'tasks'}`,
              );
            }
            note(
              `submit: ${counted}; batch files and what jobs print are in ${where}. ${advised(`status ${shellWord(named)}`)} says how far it is.`,
            );
          }),
        ),
      );
    });
}

function exportCommand(): Command {
  const command = new Command('export').description('write a study, or its results, for other programs');
  command
    .command('snakemake')
    .description('a Snakefile, which Snakemake 7.21 or later runs on this machine or on a cluster')
    .argument(...studyArgument)
    .option(...outOption)
    .action(async (named: string, { out }: { out?: string }) => {
      const path = await interruptible((signal) =>
        withTaskList(named, out, signal, async (list, folder) => {
          await writeFileWhole(snakefilePath(list), await snakefile(list, folder, thisGalvani));
          return snakefilePath(list);
        }),
      );
      answer(shownPath(path), { file: path });
      note('export: its first lines say how to run it');
    });
  command.addCommand(exportBidsCommand());
  return command;
}
