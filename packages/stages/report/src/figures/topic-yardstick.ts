import type { YardstickTopic } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import type { YardstickMeasure } from '../findings/yardstick.js';
import { rangeWords } from '../page/alt-text.js';
import { taskColour } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { count, decimal, percent, taskName } from '../page/words.js';

/** What a measure is called below its axis, and how its values are written. */
const measures: Record<YardstickMeasure, { label: string; written: (value: number) => string }> = {
  squared_effect: { label: 'mean squared effect →', written: (value) => decimal(value, 3) },
  members: {
    label: 'members of the network →',
    written: (value) => (value < 10 ? decimal(value, 1) : count(Math.round(value))),
  },
  repeatability: { label: 'correlation of two halves →', written: (value) => decimal(value) },
  identified: { label: 'share of draws identified →', written: percent },
};

/** Each task's value of a measure below those of all rest topics, whose largest is a line. */
export function topicYardstick(
  rows: readonly YardstickTopic[],
  measure: YardstickMeasure,
  tasks: readonly string[],
): Markup {
  const { label, written } = measures[measure];
  const known = rows.filter((row) => Number.isFinite(row[measure]));
  const rest = known.filter(({ role }) => role === 'rest');
  const own = known.filter(({ role }) => role === 'task');
  const largest = Math.max(...rest.map((row) => row[measure]));
  const band = `${count(rest.length)} rest topics`;
  const place = (row: YardstickTopic) => (row.role === 'rest' ? band : taskName(row.topic));
  const title = (row: YardstickTopic) => `${taskName(row.topic)}: ${written(row[measure])}`;
  return drawPlot(
    `${label.replace(' →', '')} of ${count(rest.length)} rest topics and of each task: tasks ${rangeWords(
      own,
      (row) => row[measure],
      (row) => taskName(row.topic),
      written,
    )}; largest rest topic ${Number.isFinite(largest) ? written(largest) : 'unknown'}.`,
    {
      width: 480,
      height: 62 + (own.length + 1) * 24,
      marginLeft: 132,
      marginRight: 16,
      marginBottom: 38,
      marginTop: 6,
      x: { label, labelAnchor: 'right', tickSize: 3, nice: true, ...(measure === 'identified' && { domain: [0, 1] }) },
      y: { domain: [band, ...own.map(place)], label: null, tickSize: 0 },
      marks: [
        Plot.ruleY([band, ...own.map(place)], { stroke: 'var(--rule)' }),
        Number.isFinite(largest)
          ? Plot.ruleX([largest], {
              stroke: 'var(--quiet)',
              strokeDasharray: '3 3',
              title: () => `largest rest topic: ${written(largest)}`,
            })
          : null,
        Plot.dot(rest, { x: measure, y: place, r: 4, fill: 'var(--quiet)', fillOpacity: 0.45, title }),
        Plot.dot(own, {
          x: measure,
          y: place,
          r: 5,
          fill: (row: YardstickTopic) => taskColour(tasks, row.topic),
          title,
        }),
      ],
      color: { type: 'identity' },
    },
  );
}
