import { agnes } from 'ml-hclust';

/** Two clusters that become one. */
export interface Merge {
  /** Leaves of either, in the order of the tree. */
  first: number[];
  second: number[];
  /** Mean distance between the items of one and of the other. */
  height: number;
}

/** A tree over items. */
export interface Dendrogram {
  /** By rising height, the whole last; one fewer than items. */
  merges: Merge[];
  /** Items from left to right: in each merge the side comes first that has the smallest number. */
  leaves: number[];
}

/**
 * Average linkage (UPGMA): the two nearest clusters become one, until all are. Of equally near ones always the same are taken.
 *
 * @param distances [items x items], symmetric; the diagonal is not looked at, and entries may be negative
 * @example averageLinkage(Float64Array.of(0, 1, 4, 1, 0, 6, 4, 6, 0), 3).merges.map(({ height }) => height) // [1, 5]
 */
export function averageLinkage(distances: Float64Array, items: number): Dendrogram {
  if (items === 1) return { merges: [], leaves: [0] };
  const matrix = Array.from({ length: items }, (_, i) => [...distances.subarray(i * items, (i + 1) * items)]);
  type Tree = ReturnType<typeof agnes>;
  const merges: Merge[] = [];
  const leavesOf = (tree: Tree): number[] => {
    if (tree.isLeaf) return [tree.index];
    const [first, second] = tree.children.map(leavesOf).sort((a, b) => a[0] - b[0]);
    merges.push({ first, second, height: tree.height });
    return [...first, ...second];
  };
  const leaves = leavesOf(agnes(matrix, { method: 'average', isDistanceMatrix: true }));
  merges.sort((a, b) => a.height - b.height || a.first.length + a.second.length - b.first.length - b.second.length);
  return { merges, leaves };
}
