import type { ControlHub } from '@galvani/artifact';
import { type FoldNetworks, patternsOf, scoresOf } from './network-answers.js';
import { type PresentedPrompts, rowsWhere } from './presented-prompts.js';
import type { Activity } from './prompt-cells.js';

/** What each task's network draws of held-out prompts: its own, those of other tasks, and rest, which is nobody's, where there is any. */
export function hubsOf(activity: Activity, prompts: PresentedPrompts, folds: readonly FoldNetworks[]): ControlHub[] {
  const rows = prompts.tasks.map((task): ControlHub => {
    return { task, prompts: 0, correct: 0, others: 0, rest: 0, rest_presented: 0, rest_beyond_middle: 0 };
  });
  for (const own of folds) {
    const held = rowsWhere(prompts, (row) => prompts.session[row] === own.fold.session);
    const { scores } = scoresOf(patternsOf(activity, own.rest, held), own.networks, held);
    for (const [i, row] of held.entries()) {
      const all = scores.subarray(i * rows.length, (i + 1) * rows.length);
      const most = Math.max(...all);
      const best = most === Number.NEGATIVE_INFINITY ? -1 : all.indexOf(most);
      if (prompts.isTask[row] === 1) {
        rows[prompts.task[row]].prompts++;
        if (best === prompts.task[row]) rows[best].correct++;
        else if (best >= 0) rows[best].others++;
        continue;
      }
      // Without rest off blocks hold prompts of tasks.
      if (prompts.tasks.includes(prompts.events[row].topic)) continue;
      for (const each of rows) each.rest_presented++;
      if (best < 0) continue;
      rows[best].rest++;
      if (most > 0) rows[best].rest_beyond_middle++;
    }
  }
  return rows;
}
