import { join } from 'node:path';
import { planStudy, readStudyFile } from '@galvani/study';
import { home } from '../../../../test/packages.js';
import { type TaskList, taskList } from '../src/index.js';

/** The tasks of the default study, as if its workspace were `/cluster/galvani`. */
export async function defaultTasks(): Promise<TaskList> {
  const { name, parameters } = await planStudy(await readStudyFile(join(home, 'pipelines/default/study.yaml')));
  const workspace = '/cluster/galvani';
  return taskList(
    { name, parameters, workspace, derivatives: `${workspace}/data/derivatives/default`, plan: '0123456789abcdef' },
    [
      { stage: 'extract', memory: 2e9, seconds: 240 },
      { stage: 'glm', memory: 1e9, seconds: 60 },
    ],
  );
}

/** What lies of it is done where `done` says so. */
export const statesOf = ({ tasks }: TaskList, done: (id: string) => boolean = () => false) =>
  new Map(tasks.map(({ id }) => [id, { state: done(id) ? ('done' as const) : ('missing' as const) }]));
