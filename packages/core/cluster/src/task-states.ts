import { damagedOutputs, galvaniVersion, readManifest } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import { readManifests, type Stage, type StudyFolder, shareStates, stages, staleFolders } from '@galvani/study';
import { shareOf, type Task, type TaskList } from './task.js';

/**
 * `done`: its folder is whole, of this plan and of the files upstream as they are; a share also where its stage is. `stale`: whole, but
 * not so, or from another version of galvani. `damaged`: not as its manifest says.
 */
export interface TaskState {
  state: 'done' | 'missing' | 'stale' | 'damaged';
  /** What is wrong, as a sentence without its full stop, where something is. */
  problem?: string;
}

/**
 * What became of tasks, by id: of all in the list, or of some. Artifacts alone decide it, so that it does not matter who ran a
 * task, how often, or whether somebody remembers.
 *
 * @throws Failure where the study is not planned
 */
export async function taskStates(
  folder: StudyFolder,
  { tasks }: Pick<TaskList, 'tasks'>,
  { only, signal }: { only?: readonly Task[]; signal?: AbortSignal } = {},
): Promise<Map<string, TaskState>> {
  const states = new Map<string, TaskState>();
  const asked = only ?? tasks;
  const wanted = new Set(asked.map((task) => (shareOf(task) ? task.stage : task.id)));
  // Others may be at work on what comes after some tasks, which says nothing of these.
  const looked = only ? stagesBefore(only.map(({ stage }) => stage)) : stages;
  const found = await readManifests(folder, looked, (name, { message }) =>
    states.set(name, { state: 'damaged', problem: message.replace(/\.$/, '') }),
  );
  for (const { name, problem } of await staleFolders(folder, found))
    states.set(name, { state: 'stale', problem: `${name} ${problem}` });
  for (const { name, path, manifest } of found) {
    if (!wanted.has(name) || states.has(name)) continue;
    const [damage] = await damagedOutputs(path, manifest, { memory: folder.verified, signal });
    // A task that is being done begins with an empty folder.
    if (damage && !(await readManifest(path).catch(() => manifest))) continue;
    if (damage) states.set(name, { state: 'damaged', problem: `${name}/${damage.file} ${damage.problem}` });
    else if (manifest.galvani !== galvaniVersion)
      states.set(name, {
        state: 'stale',
        problem: `${name} was made by galvani ${manifest.galvani}, and this is ${galvaniVersion}`,
      });
    else states.set(name, { state: 'done' });
  }
  for (const stage of new Set(asked.filter(shareOf).map((task) => task.stage as Stage))) {
    const whole = states.get(stage)?.state === 'done';
    const own = asked.filter((task) => task.stage === stage && shareOf(task));
    const ofShares = whole
      ? []
      : await shareStates(
          folder,
          stage,
          own.map((task) => shareOf(task)!),
          signal,
        );
    for (const [k, { id }] of own.entries())
      states.set(id, whole ? { state: 'done' } : { state: ofShares[k].state, problem: ofShares[k].problem });
  }
  return new Map(asked.map(({ id }) => [id, states.get(id) ?? { state: 'missing' }]));
}

/** Stages, and those that they follow. */
function stagesBefore(names: readonly string[]): Stage[] {
  const found = new Set(names);
  for (const name of found) for (const before of stageRow(name).reads) found.add(before);
  return stages.filter((stage) => found.has(stage));
}
