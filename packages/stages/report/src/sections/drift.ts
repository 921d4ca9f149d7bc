import { type RunDrift, restDrifts } from '@galvani/artifact';
import { html, type Markup } from '../page/html.js';
import { table } from '../page/table.js';
import { count, counted, percent, probability } from '../page/words.js';

/** Runs whose off blocks drift; nothing where there are none. */
export function drift(rows: readonly RunDrift[]): Markup | undefined {
  const found = rows.filter(restDrifts);
  if (found.length === 0) return undefined;
  return table(
    html`Runs whose off blocks drift: ${count(found.length)} of ${counted(rows.length, 'run')}, where about 1 in 20 seems to by chance. Given is the share of sampled units whose off prompts have a slope over the run at p < 0.05 (those before and after the task differ), or a bend, and how often these prompts in another order have as large a share. A slope is the same before and after the task and cancels, but adds variance; a bend makes on and off prompts differ without the task.`,
    [
      { heading: 'run', cell: (row: RunDrift) => row.run, text: true },
      { heading: 'off prompts', cell: (row) => count(row.prompts) },
      { heading: 'units', cell: (row) => count(row.units) },
      { heading: 'slope', cell: (row) => percent(row.linear_share) },
      { heading: 'p', cell: (row) => probability(row.linear_p) },
      { heading: 'bend', cell: (row) => percent(row.quadratic_share) },
      { heading: 'p', cell: (row) => probability(row.quadratic_p) },
    ],
    found,
  );
}
