import type { NetworkOverlap, NetworkUnit } from '@galvani/artifact';

/** Each pair of different tasks once, most overlapping first; pairs whose overlap is not defined are left out. */
export function overlapPairs(rows: readonly NetworkOverlap[], tasks: readonly string[]): NetworkOverlap[] {
  return rows
    .filter((row) => tasks.indexOf(row.task_a) < tasks.indexOf(row.task_b) && Number.isFinite(row.dice))
    .sort((a, b) => b.dice - a.dice);
}

/** The overlap of two tasks, in whichever order the rows have them. */
export function overlapOf(rows: readonly NetworkOverlap[], a: string, b: string): NetworkOverlap | undefined {
  return rows.find((row) => (row.task_a === a && row.task_b === b) || (row.task_a === b && row.task_b === a));
}

/** For each task: members that belong to no other network. */
export function ownMembers(units: readonly NetworkUnit[], tasks: readonly string[]): Map<string, number> {
  const networksOf = membership(units);
  const own = new Map(tasks.map((task) => [task, 0]));
  for (const { task, site, unit } of units)
    if (networksOf.get(`${site} ${unit}`) === 1) own.set(task, (own.get(task) ?? 0) + 1);
  return own;
}

/** How many units belong to exactly 1, 2, 3 … networks: entry k - 1 counts those in k. */
export function membersByNetworks(units: readonly NetworkUnit[], tasks: readonly string[]): number[] {
  const counts = tasks.map(() => 0);
  for (const networks of membership(units).values()) counts[networks - 1]++;
  return counts;
}

function membership(units: readonly NetworkUnit[]): Map<string, number> {
  const networksOf = new Map<string, number>();
  for (const { site, unit } of units) {
    const key = `${site} ${unit}`;
    networksOf.set(key, (networksOf.get(key) ?? 0) + 1);
  }
  return networksOf;
}
