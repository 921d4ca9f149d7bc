import { join } from 'node:path';
import { planStudy, readStudyFile } from '@galvani/study';
import { home } from '../../../../test/packages.js';
import { divisionsOf, type TaskList, taskList } from '../src/index.js';

/** The tasks of the default study, as if its workspace were `/cluster/galvani`. */
export async function defaultTasks(): Promise<TaskList> {
  const { name, parameters } = await planStudy(await readStudyFile(join(home, 'pipelines/default/study.yaml')));
  const workspace = '/cluster/galvani';
  const divisions = divisionsOf(parameters);
  const derivatives = `${workspace}/data/derivatives/default`;
  return taskList({ name, parameters, workspace, derivatives, plan: '0123456789abcdef', divisions }, [
    { stage: 'extract', memory: 2e9, seconds: 240 },
    { stage: 'glm', memory: 1e9, seconds: 60 },
    { stage: 'lesion', memory: 1e9, seconds: 240 },
  ]);
}

/** What lies of it is done where `done` says so. */
export const statesOf = ({ tasks }: TaskList, done: (id: string) => boolean = () => false) =>
  new Map(tasks.map(({ id }) => [id, { state: done(id) ? ('done' as const) : ('missing' as const) }]));
