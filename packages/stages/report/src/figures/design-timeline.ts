import type { Event } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { taskColour } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { counted, taskName } from '../page/words.js';

/** Prompts of a run that follow each other under one condition. */
export interface Block {
  run: string;
  session: number;
  task: string;
  condition: string;
  /** Places of its prompts in the run: from `first` up to, not including, `end`. */
  first: number;
  end: number;
}

/** The blocks of a run in order. */
export function blocksOf(events: readonly Event[]): Block[] {
  const blocks = new Map<number, Block>();
  for (const { block, run, session, task, condition, prompt } of events) {
    const known = blocks.get(block) ?? { run, session, task, condition, first: prompt, end: prompt + 1 };
    known.first = Math.min(known.first, prompt);
    known.end = Math.max(known.end, prompt + 1);
    blocks.set(block, known);
  }
  return [...blocks.values()].sort((a, b) => a.first - b.first);
}

/** A row per run, grouped by session; on blocks in the task's colour, off blocks grey. */
export function designTimeline(blocks: readonly Block[], tasks: readonly string[]): Markup {
  const sessions = [...new Set(blocks.map((b) => b.session))];
  const row = 15;
  return drawPlot(
    `Timeline of the design: a row for each of ${counted(new Set(blocks.map(({ run }) => run)).size, 'run')} in ${counted(sessions.length, 'session')}, with ${counted(blocks.length, 'on or off block', 'on and off blocks')}.`,
    {
      width: 760,
      height: 50 + sessions.length * (tasks.length * row + 10),
      marginLeft: 132,
      marginRight: 74,
      marginBottom: 36,
      x: { label: 'prompt in the run →', labelAnchor: 'right', tickSize: 3 },
      y: { domain: tasks.map(taskName), label: null, tickSize: 0, padding: 0.25 },
      fy: { domain: sessions, label: null, tickFormat: (session: number) => `session ${session}`, padding: 0.08 },
      marks: [
        Plot.barX(blocks, {
          x1: 'first',
          x2: 'end',
          y: (b: Block) => taskName(b.task),
          fy: 'session',
          fill: (b: Block) => (b.condition === 'rest' ? 'var(--rest)' : taskColour(tasks, b.task)),
          insetLeft: 0.5,
          insetRight: 0.5,
          title: (b: Block) =>
            `${b.run}: ${b.condition === 'rest' ? 'off (other topics)' : `on (${taskName(b.task)})`}, ${counted(b.end - b.first, 'prompt')}`,
        }),
      ],
      color: { type: 'identity' },
    },
  );
}
