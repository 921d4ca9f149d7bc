import * as Plot from '@observablehq/plot';
import { Plotted } from '../plotted.js';
import { positionMeans, type RunCourse } from './study-course.js';

/**
 * Mean activity at each place of a token among those of its prompt, of task and of rest, with standard errors over prompts.
 *
 * @param off what rest is called
 */
export function PositionChart({ courses, off }: { courses: readonly RunCourse[]; off: string }) {
  const rows = (['task', 'rest'] as const).flatMap((condition) =>
    positionMeans(courses, condition).map((each) => ({
      ...each,
      condition: condition === 'rest' ? off : condition,
      low: each.mean - (each.error || 0),
      high: each.mean + (each.error || 0),
    })),
  );
  return (
    <Plotted
      label={`Mean activity by token position, task and ${off}, with standard errors over prompts`}
      by={[courses, off]}
      options={() => ({
        height: 150,
        marginLeft: 44,
        marginBottom: 36,
        x: { label: 'token of the prompt, from 0', labelArrow: 'none', ticks: Math.min(16, rows.length / 2) },
        y: { label: 'mean activity', nice: true, grid: true, labelArrow: 'none' },
        color: { domain: ['task', off], range: ['var(--mark)', 'var(--quiet)'], legend: true },
        marks: [
          Plot.areaY(rows, { x: 'position', y1: 'low', y2: 'high', fill: 'condition', fillOpacity: 0.2 }),
          Plot.line(rows, { x: 'position', y: 'mean', stroke: 'condition', marker: 'dot' }),
          Plot.tip(
            rows,
            Plot.pointerX({
              x: 'position',
              y: 'mean',
              fill: 'var(--ground)',
              channels: { prompts: 'prompts', condition: 'condition' },
            }),
          ),
        ],
      })}
    />
  );
}
