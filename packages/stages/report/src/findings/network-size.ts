import type { NetworkSize } from '@galvani/artifact';

/** Size of one task's network. */
export interface TaskNetwork {
  task: string;
  units: number;
  members: number;
  positive: number;
  negative: number;
  /** The kind of site and the layer with the largest share of members; undefined for an empty network. */
  densestKind?: string;
  densestLayer?: string;
}

/** Adds the sites of `sizes` up by any key, in order of first appearance. */
export function sumBy<Row extends Pick<NetworkSize, 'units' | 'members' | 'positive' | 'negative'>>(
  sizes: readonly Row[],
  key: (row: Row) => string,
) {
  const sums = new Map<string, { units: number; members: number; positive: number; negative: number }>();
  for (const row of sizes) {
    const sum = sums.get(key(row)) ?? { units: 0, members: 0, positive: 0, negative: 0 };
    sum.units += row.units;
    sum.members += row.members;
    sum.positive += row.positive;
    sum.negative += row.negative;
    sums.set(key(row), sum);
  }
  return sums;
}

/** The network of each task, in the order of the tasks. */
export function taskNetworks(sizes: readonly NetworkSize[], tasks: readonly string[]): TaskNetwork[] {
  return tasks.map((task) => {
    const own = sizes.filter((row) => row.task === task);
    const total = sumBy(own, () => '').get('') ?? { units: 0, members: 0, positive: 0, negative: 0 };
    const densest = (key: (row: NetworkSize) => string) => {
      const [best] = [...sumBy(own, key)].sort(([, a], [, b]) => b.members / b.units - a.members / a.units);
      return best && best[1].members > 0 ? best[0] : undefined;
    };
    return { task, ...total, densestKind: densest((r) => r.kind), densestLayer: densest((r) => r.layer) };
  });
}
