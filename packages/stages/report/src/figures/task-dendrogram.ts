import type { DendrogramMerge } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { taskColour } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal, listed, taskName } from '../page/words.js';

/** Two clusters and where they meet; heights below 0 are drawn at 0. */
interface Branch {
  /** Of either: its place between the leaves, and its height. */
  from: readonly [Node, Node];
  height: number;
  title: string;
}

interface Node {
  at: number;
  height: number;
}

/** Tree of tasks: a pair of branches meets at the mean distance of their tasks. @param merges from the nearest on, at least one */
export function taskDendrogram(merges: readonly DendrogramMerge[], tasks: readonly string[]): Markup {
  const whole = merges[merges.length - 1];
  const leaves = `${whole.first} ${whole.second}`.split(' ');
  const nodes = new Map<string, Node>(leaves.map((task, at) => [task, { at, height: 0 }]));
  const names = (cluster: string) => listed(cluster.split(' ').map(taskName));
  const branches = merges.map(({ first, second, height }): Branch => {
    const from = [nodes.get(first)!, nodes.get(second)!] as const;
    const own = { at: (from[0].at + from[1].at) / 2, height: Math.max(0, height) };
    nodes.set(`${first} ${second}`, own);
    return { from, height: own.height, title: `${names(first)} with ${names(second)}: ${decimal(height, 3)}` };
  });
  const lines = branches.flatMap(({ from: [a, b], height, title }) => [
    { x1: a.height, x2: height, y1: a.at, y2: a.at, title },
    { x1: height, x2: height, y1: a.at, y2: b.at, title },
    { x1: b.height, x2: height, y1: b.at, y2: b.at, title },
  ]);
  return drawPlot(
    `Tree of ${leaves.length} tasks by average linkage of their distances: ${branches.map(({ title }) => title).join('; ')}.`,
    {
      width: 560,
      height: 54 + 30 * leaves.length,
      marginLeft: 132,
      marginRight: 16,
      marginBottom: 40,
      marginTop: 6,
      x: { label: 'mean distance →', labelAnchor: 'right', tickSize: 3, zero: true, nice: true },
      y: {
        domain: [-0.5, leaves.length - 0.5],
        reverse: true,
        ticks: [...leaves.keys()],
        tickFormat: (at: number) => taskName(leaves[at]),
        tickSize: 0,
        tickPadding: 12,
        label: null,
      },
      marks: [
        Plot.link(lines, {
          x1: 'x1',
          x2: 'x2',
          y1: 'y1',
          y2: 'y2',
          stroke: 'var(--ink)',
          strokeWidth: 1.2,
          title: 'title',
        }),
        Plot.dot(leaves, {
          x: 0,
          y: (_: string, at: number) => at,
          r: 4,
          fill: (task: string) => taskColour(tasks, task),
          title: taskName,
        }),
      ],
      color: { type: 'identity' },
    },
  );
}
