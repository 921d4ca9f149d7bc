import type { RandomStream } from '@galvani/numerics';
import type { MatchedTopics, PresentedPrompts } from './presented-topics.js';

/** A topic's prompts and others of the same runs, in one half of a draw; rows are run after run. */
export interface HalfSelection {
  rows: number[];
  /** 1 for the topic's own. */
  isOwn: number[];
}

/** Rest prompts beside each of the topic's own: as in a block design of off, on, off. */
const others = 2;

/**
 * Splits prompts into two halves with nothing in common: of each topic equally many own prompts in either, and beside them rest prompts
 * of the same run and half, on other topics. What one half shows of any topic is independent of what the other shows of any.
 *
 * @returns for each half the selection of each matched topic
 */
export function drawHalves(
  { topics, runs }: PresentedPrompts,
  matched: MatchedTopics,
  stream: RandomStream,
): [HalfSelection[], HalfSelection[]] {
  const half = new Int8Array(runs.length).fill(-1);
  const topicOf = new Map<number, string>();
  let turn = 0;
  const own = new Map<string, number[]>();
  for (const { name, isTask, rows } of topics) {
    const shuffled = stream.shuffled(rows);
    const compared = matched.topics.some((topic) => topic.name === name && topic.isTask === isTask);
    const kept = compared ? shuffled.slice(0, matched.prompts) : [];
    if (compared) own.set(`${isTask} ${name}`, kept);
    for (const [i, row] of kept.entries()) half[row] = i % 2;
    // Beside others all rest prompts count.
    if (isTask) continue;
    for (const row of shuffled.slice(kept.length)) half[row] = turn++ % 2;
    for (const row of rows) topicOf.set(row, name);
  }
  const rest = [...topicOf.keys()].sort((a, b) => a - b);
  const select = (h: number) =>
    matched.topics.map(({ name, isTask }): HalfSelection => {
      const kept = own.get(`${isTask} ${name}`)!.filter((row) => half[row] === h);
      const found: HalfSelection = { rows: [], isOwn: [] };
      for (const run of [...new Set(kept.map((row) => runs[row]))].sort((a, b) => a - b)) {
        const ofRun = kept.filter((row) => runs[row] === run).sort((a, b) => a - b);
        const pool = rest.filter(
          (row) => runs[row] === run && half[row] === h && (isTask || topicOf.get(row) !== name),
        );
        const beside = stream.shuffled(pool).slice(0, others * ofRun.length);
        if (beside.length === 0) continue;
        found.rows.push(...ofRun, ...beside);
        found.isOwn.push(...ofRun.map(() => 1), ...beside.map(() => 0));
      }
      return found;
    });
  return [select(0), select(1)];
}

/** Both halves of a selection as one, run after run. */
export function joinHalves(a: HalfSelection, b: HalfSelection, runs: Int32Array): HalfSelection {
  const all = [a, b].flatMap(({ rows, isOwn }) => rows.map((row, i) => ({ row, own: isOwn[i] })));
  all.sort((x, y) => runs[x.row] - runs[y.row] || y.own - x.own || x.row - y.row);
  return { rows: all.map(({ row }) => row), isOwn: all.map(({ own }) => own) };
}
