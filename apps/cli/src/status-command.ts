import { join } from 'node:path';
import { readManifest } from '@galvani/artifact';
import {
  divisionsOf,
  type QueuedArray,
  readQueue,
  slurmIn,
  stageOfGroup,
  stagesOf,
  type TaskState,
  taskList,
  taskStates,
} from '@galvani/cluster';
import {
  digestOfPlan,
  newsSincePlanned,
  type PlannedParameters,
  planDigest,
  planStudy,
  readableStudy,
  readStudyFile,
  runFolder,
  type StudyFolder,
  studyFolder,
} from '@galvani/study';
import { advised, answer, Failure, formatCount, interruptible, shellWord, shownPath } from '@galvani/terminal';
import { Command } from 'commander';
import { derivativesDefault, findStudy } from './study-argument.js';
import { writtenDivisions } from './study-tasks.js';

/** How far a study is. */
export function statusCommand(): Command {
  return new Command('status')
    .description('what of a study is done, from its files; and what of it is in the queue, where there is Slurm')
    .argument('<study>', 'study.yaml, or the folder that holds it')
    .option('--out <folder>', `the study's derivatives (${derivativesDefault})`)
    .action(async (named: string, { out }: { out?: string }) => {
      const { path, derivatives, root } = await findStudy(named, out);
      const { name, parameters } = await planStudy(await readStudyFile(path));
      const asked = digestOfPlan({ parameters });
      const { folder, damage, planned } = await plannedStudy(studyFolder(derivatives, root), parameters);
      if (planned === 'no' || planned === 'another') {
        return answer(
          `${name}: ${planned === 'no' ? 'nothing is done yet' : await changedSince(folder, parameters)}. ${advised(`submit ${shellWord(named)} --executor slurm`)}, or ${advised(`run ${shellWord(named)}`)}, begins.`,
          { study: name, planned, stages: [], problems: [] },
        );
      }
      const divisions =
        (await writtenDivisions(derivatives, asked)) ??
        divisionsOf(parameters, await recordedLayers(folder, parameters));
      const list = taskList({ name, workspace: root, derivatives, plan: asked, parameters, divisions });
      const states = await interruptible((signal) => taskStates(folder, list, { signal }), 'nothing was changed');
      const queue = (await readQueue(list, slurmIn(root))) ?? [];
      const stages = [...stagesOf(list)].map(([stage, tasks]) => ({
        stage,
        done: tasks.filter(({ id }) => states.get(id)?.state === 'done').length,
        tasks: tasks.length,
        queue: queueCounts(queue.filter(({ group }) => stageOfGroup(group) === stage)),
      }));
      const ofTasks = [...states.values()].flatMap(({ problem }) => problem ?? []);
      const problems = damage === undefined ? ofTasks : [damage.replace(/\.$/, ''), ...ofTasks];
      const report = join(folder.report, 'index.html');
      const whole = stages.every(({ done, tasks }) => done === tasks);
      const rows = stages.map(({ stage, done, tasks, queue }) => {
        const count = `${formatCount(done)} of ${formatCount(tasks)}`;
        const waiting = Object.entries(queue).map(([state, own]) => `${formatCount(own)} ${state}`);
        return `${stage.padEnd(10)} ${count.padEnd(14)} ${waiting.join(', ')}`.trimEnd();
      });
      const lines = [...rows, ...problemLines(problems), lastLine([...states.values()], queue, named, report)];
      answer(lines.join('\n'), { study: name, planned, stages, problems, ...(whole && { report }) });
    });
}

const mostChanges = 3;

/** That another study was planned than study.yaml is now, which may have been changed or moved. */
async function changedSince(folder: StudyFolder, asked: PlannedParameters): Promise<string> {
  const news = await newsSincePlanned(folder, asked);
  const more = news.length > mostChanges ? [`and ${news.length - mostChanges} more`] : [];
  return `study.yaml is not as it was planned (${[...news.slice(0, mostChanges), ...more].join('; ')})`;
}

/** How many layers a study has, where a run of it is recorded. */
async function recordedLayers(folder: StudyFolder, { runs }: PlannedParameters): Promise<number | undefined> {
  for (const { name } of runs) {
    const layers = (await readManifest(runFolder(folder, name)).catch(() => undefined))?.facts.layers;
    if (Array.isArray(layers)) return layers.length;
  }
  return undefined;
}

/** Whether a study was planned as study.yaml is now. Where the plan is damaged, `folder` is by study.yaml, and `damage` says what is wrong. */
async function plannedStudy(lying: StudyFolder, asked: PlannedParameters) {
  const plan = await planDigest(lying).catch((error: Error) => {
    if (!(error instanceof Failure)) throw error;
    return 'damaged';
  });
  if (plan === undefined) return { folder: lying, planned: 'no' } as const;
  const { folder, damage } = await readableStudy(lying, asked);
  if (damage !== undefined) return { folder, damage, planned: 'damaged' } as const;
  return { folder, planned: plan === digestOfPlan({ parameters: asked }) ? 'yes' : 'another' } as const;
}

/** Jobs in the queue by their state, as Slurm names it in small letters. */
function queueCounts(arrays: readonly QueuedArray[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { indices } of arrays)
    for (const state of indices.values()) counts.set(state.toLowerCase(), (counts.get(state.toLowerCase()) ?? 0) + 1);
  return Object.fromEntries(counts);
}

const mostProblems = 5;

function problemLines(problems: readonly string[]): string[] {
  const more = problems.length - mostProblems;
  return [
    ...problems.slice(0, mostProblems).map((each) => `${each}.`),
    ...(more > 0 ? [`… and ${formatCount(more)} more.`] : []),
  ];
}

function lastLine(states: readonly TaskState[], queue: readonly QueuedArray[], named: string, report: string): string {
  const done = states.filter(({ state }) => state === 'done').length;
  const all = `${formatCount(done)} of ${formatCount(states.length)} tasks are done`;
  if (done === states.length) return `${all}. report: ${shownPath(report)}`;
  if (queue.length > 0) return `${all}.`;
  return `${all}. ${advised(`submit ${shellWord(named)} --executor slurm`)} submits what is missing; ${advised(`run ${shellWord(named)}`)} does it here.`;
}
