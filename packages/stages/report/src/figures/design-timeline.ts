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
  /** Where off blocks hold prompts of the other tasks, that of this part of one. */
  of?: string;
  /** Places of its prompts in the run: from `first` up to, not including, `end`. */
  first: number;
  end: number;
}

/**
 * The blocks of a run in order.
 *
 * @param apart whether the prompts of an off block are told apart by topic; what follows each other on one is then a part
 */
export function blocksOf(events: readonly Event[], apart = false): Block[] {
  const blocks: Block[] = [];
  const numbers: number[] = [];
  for (const { block, run, session, task, condition, prompt, topic } of [...events].sort(
    (a, b) => a.prompt - b.prompt,
  )) {
    const of = apart && condition === 'rest' ? { of: topic } : {};
    const last = blocks.at(-1);
    if (last && numbers.at(-1) === block && last.of === of.of) last.end = prompt + 1;
    else {
      blocks.push({ run, session, task, condition, ...of, first: prompt, end: prompt + 1 });
      numbers.push(block);
    }
  }
  return blocks;
}

/** A row per run, grouped by session; on blocks in the task's colour, off blocks grey, or faint in the colours of the tasks that they hold. */
export function designTimeline(blocks: readonly Block[], tasks: readonly string[]): Markup {
  const sessions = [...new Set(blocks.map((b) => b.session))];
  const row = 15;
  // Parts of an off block follow on from each other.
  const count = blocks.filter(
    ({ of, first, run }, b) => of === undefined || !isFurtherPart(blocks[b - 1], { first, run }),
  ).length;
  return drawPlot(
    `Timeline of the design: a row for each of ${counted(new Set(blocks.map(({ run }) => run)).size, 'run')} in ${counted(sessions.length, 'session')}, with ${counted(count, 'on or off block', 'on and off blocks')}.`,
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
          fill: (b: Block) =>
            b.condition === 'rest' && b.of === undefined ? 'var(--rest)' : taskColour(tasks, b.of ?? b.task),
          ...(blocks.some(({ of }) => of !== undefined) && {
            fillOpacity: (b: Block) => (b.of === undefined ? 1 : 0.35),
          }),
          insetLeft: 0.5,
          insetRight: 0.5,
          title: (b: Block) =>
            `${b.run}: ${b.condition === 'rest' ? `off (${b.of === undefined ? 'other topics' : taskName(b.of)})` : `on (${taskName(b.task)})`}, ${counted(b.end - b.first, 'prompt')}`,
        }),
      ],
      color: { type: 'identity' },
    },
  );
}

/** Whether a part of an off block begins where another part ends. */
const isFurtherPart = (before: Block | undefined, { first, run }: Pick<Block, 'first' | 'run'>): boolean =>
  before?.of !== undefined && before.run === run && before.end === first;
