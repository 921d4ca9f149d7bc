import type { NetworkLikeness } from '@galvani/artifact';

/** A task's likeness to itself in other sessions beside that to the other task that it is most like. */
export interface Standing {
  task: string;
  own: NetworkLikeness;
  rival: NetworkLikeness;
}

/** For each task that can be compared with itself and with others. */
export function standings(likeness: readonly NetworkLikeness[], tasks: readonly string[]): Standing[] {
  return tasks.flatMap((task) => {
    const known = likeness.filter((pair) => pair.task === task && Number.isFinite(pair.correlation));
    const own = known.find((pair) => pair.other_task === task);
    const others = known.filter((pair) => pair.other_task !== task);
    if (!own || others.length === 0) return [];
    return [{ task, own, rival: others.reduce((a, b) => (b.correlation > a.correlation ? b : a)) }];
  });
}
