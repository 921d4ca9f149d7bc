import * as Plot from '@observablehq/plot';
import { Plotted } from '../plotted.js';
import { blocksOf, type RunCourse } from './study-course.js';

export interface CourseChartProps {
  label: string;
  courses: readonly RunCourse[];
  byPrompt: boolean;
  /** For each course what the GLM expects of each prompt, which is drawn too. */
  expected?: readonly ArrayLike<number>[];
  /** The selected row, of one of the runs. */
  selected?: { run: string; row: number };
  onSelect?(run: string, row: number): void;
}

interface Point {
  x: number;
  value: number;
  run: string;
  row: number;
  prompt: string;
  token?: string;
}

/** Activity over the rows of some runs, one after another, blocks of the task shaded, prompts' means as lines. */
export function CourseChart({ label, courses, byPrompt, expected, selected, onSelect }: CourseChartProps) {
  const points: Point[] = [];
  const stretches: { x1: number; x2: number }[] = [];
  const means: { x1: number; x2: number; mean: number }[] = [];
  const fits: { x1: number; x2: number; fit: number }[] = [];
  const borders: { x: number; run: string }[] = [];
  let at = 0;
  for (const [c, course] of courses.entries()) {
    const { run, values, promptOf, promptMeans } = course;
    borders.push({ x: at, run: run.name });
    for (const { condition, first, end } of blocksOf(course))
      if (condition === 'task') stretches.push({ x1: at + first, x2: at + end });
    for (let row = 0, first = 0; row < values.length; row++) {
      const { text } = run.prompts[promptOf[row]];
      points.push({
        x: at + row + 0.5,
        value: values[row],
        run: run.name,
        row,
        prompt: text,
        token: byPrompt ? undefined : run.tokens.token[row],
      });
      if (row + 1 === values.length || promptOf[row + 1] !== promptOf[row]) {
        const [x1, x2] = [at + first, at + row + 1];
        means.push({ x1, x2, mean: promptMeans[promptOf[row]] });
        if (expected) fits.push({ x1, x2, fit: expected[c][promptOf[row]] });
        first = row + 1;
      }
    }
    at += values.length;
  }
  const chosen = selected && points.find(({ run, row }) => run === selected.run && row === selected.row);
  const some = points.length <= 1500;
  return (
    <Plotted
      label={label}
      by={[courses, expected, chosen?.x, byPrompt]}
      {...(onSelect && { onPick: (value) => onSelect((value as Point).run, (value as Point).row) })}
      options={() => ({
        height: 190,
        marginLeft: 44,
        marginTop: 22,
        marginBottom: 30,
        x: { label: byPrompt ? 'prompt' : 'token', domain: [0, at], labelArrow: 'none' },
        y: { label: 'activity', nice: true, grid: true, labelArrow: 'none' },
        marks: [
          Plot.rect(stretches, { x1: 'x1', x2: 'x2', fill: 'currentColor', fillOpacity: 0.09 }),
          courses.length > 1
            ? Plot.ruleX(borders.slice(1), { x: 'x', stroke: 'currentColor', strokeOpacity: 0.3 })
            : null,
          // One path for many points draws at once.
          some && !byPrompt
            ? Plot.dot(points, { x: 'x', y: 'value', r: 1.5, fill: 'currentColor', fillOpacity: 0.5 })
            : Plot.line(points, {
                x: 'x',
                y: 'value',
                stroke: 'currentColor',
                strokeOpacity: byPrompt ? 0.8 : 0.35,
                strokeWidth: 0.8,
              }),
          Plot.ruleY(means, { x1: 'x1', x2: 'x2', y: 'mean', stroke: 'var(--mark)', strokeWidth: 2 }),
          Plot.ruleY(fits, {
            ...{ x1: 'x1', x2: 'x2', y: 'fit', stroke: 'currentColor', strokeWidth: 2, strokeDasharray: '4 2' },
          }),
          chosen ? Plot.dot([chosen], { x: 'x', y: 'value', r: 5, stroke: 'currentColor', strokeWidth: 2 }) : null,
          Plot.tip(
            points,
            Plot.pointerX({
              x: 'x',
              y: 'value',
              title: ({ prompt, token, value, run }: Point) =>
                `${token === undefined ? '' : `${JSON.stringify(token)} `}${value.toPrecision(4)}\n${prompt}\n${run}`,
              fill: 'var(--ground)',
            }),
          ),
        ],
      })}
    />
  );
}
