import { randomStream } from '@galvani/numerics';

/** Some relabellings, which share the products of their labels with the values. */
export interface DrawnBlock {
  /** Number of the block's first relabelling among all, and how many there are. */
  first: number;
  count: number;
  /** Labels drawn for each run. */
  perRun: number;
  /** 1 for task prompts, [runs x perRun x prompts]; runs session after session. */
  labels: Uint8Array;
  /** For each relabelling the row of `labels` that each session contributes, [count x sessions]. */
  rows: Int32Array;
}

/** Rows of labels in a block, about: their products with a tile of units stay in the cache. */
const blockRows = 384;

/**
 * Draws relabellings: for each, of each session a run and which of its prompts are the task's. Each drawn row of labels is used once,
 * so relabellings are independent but for runs being drawn equally often.
 */
export function drawRelabellings(
  { sessions, tasks, prompts, task }: { sessions: number; tasks: number; prompts: number; task: number },
  count: number,
  seed: number,
): DrawnBlock[] {
  const stream = randomStream(seed, 'decode', 'relabelling');
  const largest = Math.max(1, Math.floor(blockRows / sessions / tasks));
  const blocks: DrawnBlock[] = [];
  for (let first = 0; first < count; ) {
    const perRun = Math.min(largest, Math.ceil((count - first) / tasks));
    const own = Math.min(count - first, perRun * tasks);
    const labels = new Uint8Array(sessions * tasks * perRun * prompts);
    for (let at = 0; at < labels.length; at += prompts) {
      // Each prompt in turn is one of those that are still wanted among those that are left.
      for (let p = 0, wanted = task; p < prompts; p++)
        if (stream.integer(prompts - p) < wanted) {
          labels[at + p] = 1;
          wanted--;
        }
    }
    const places = Array.from({ length: tasks * perRun }, (_, i) => i);
    const rows = new Int32Array(own * sessions);
    for (let s = 0; s < sessions; s++) {
      const order = stream.shuffled(places);
      for (let i = 0; i < own; i++) rows[i * sessions + s] = s * places.length + order[i];
    }
    blocks.push({ first, count: own, perRun, labels, rows });
    first += own;
  }
  return blocks;
}
