import type { StudyView } from '@galvani/view';
import type { Pick } from '../address.js';
import { mapColumn } from '../map/map-data.js';
import { taskName } from '../words.js';

/** Tasks that have a network, in the study's order. */
export const networkTasks = ({ maps }: StudyView): string[] =>
  maps.flatMap(({ kind, task }) => (kind === 'task' && task !== undefined ? [task] : []));

/** For each task 1, -1 or 0 of each unit. */
export type Memberships = ReadonlyMap<string, ArrayLike<number>>;

export async function readMemberships(study: StudyView, which: number): Promise<Memberships> {
  const maps = study.maps.filter(({ kind, task }) => kind === 'task' && task !== undefined);
  const columns = await Promise.all(maps.map(({ name }) => mapColumn(which, name, 'member')));
  return new Map(maps.map(({ task }, m) => [task!, columns[m]]));
}

/** 1 or -1 for units that are picked, of those that are in one network alone its sign; else 0. */
export function pickedUnits(memberships: Memberships, { tasks, exactly }: Pick): Int8Array {
  const wanted = tasks.map((task) => memberships.get(task));
  const others = exactly ? [...memberships].filter(([task]) => !tasks.includes(task)).map(([, own]) => own) : [];
  const units = memberships.values().next().value?.length ?? 0;
  const picked = new Int8Array(units);
  if (wanted.some((own) => own === undefined)) return picked;
  for (let unit = 0; unit < units; unit++) {
    const sign = wanted[0]![unit];
    const inAll = wanted.every((own) => (exactly ? own![unit] !== 0 : own![unit] === sign));
    if (sign !== 0 && inAll && others.every((own) => own[unit] === 0)) picked[unit] = sign > 0 ? 1 : -1;
  }
  return picked;
}

/** What is picked, as the object of a sentence. */
export function pickWords({ tasks, exactly }: Pick): string {
  const names = tasks.map(taskName).join(' and ');
  if (tasks.length === 1 && !exactly) return `network of ${names}`;
  return exactly ? `in ${names}, and in no other network` : `in both: ${names}, same direction`;
}
