import type { DesignEntry } from '@galvani/artifact';
import { type DesignRow, designMatrix } from '../figures/design-matrix.js';
import { hasNoRest, offWords } from '../findings/off-blocks.js';
import { above, below } from '../page/colour.js';
import { figure } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { colourScale } from '../page/scale.js';
import { taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** What the map of a task is fitted with; nothing where no map has been made. */
export function designMatrixFigure(results: StudyResults): Markup | undefined {
  const { glm, events, plan, tasks } = results;
  const entriesOf = (task: string) => (glm?.design ?? []).filter((entry) => entry.task === task);
  const task = tasks.find((each) => entriesOf(each).length > 0);
  if (task === undefined) return undefined;
  const rows = plan.runs
    .filter((run) => run.task === task)
    .flatMap(({ name }): DesignRow[] => (events.get(name) ?? []).map(({ prompt }) => ({ run: name, prompt })));
  if (rows.length === 0) return undefined;
  const others = tasks.filter((each) => each !== task && entriesOf(each).length > 0);
  const own = shapeOf(entriesOf(task));
  const alike = others.every((each) => shapeOf(entriesOf(each)) === own);
  return figure({
    id: 'design-matrix',
    title: 'Design matrix',
    leastWidth: 320,
    drawing: html`${designMatrix(entriesOf(task), rows)}${colourScale({ ticks: ['−', '0', '+'], colours: [below, 'transparent', above], of: 'share of the column’s largest size' })}`,
    shows: html`The general linear model of ${taskName(task)}: a row for each prompt, run after run, and a column for each regressor${plan.glm.noise === 'prompt' ? '' : ', as means over the prompt’s tokens, which are rows of their own in the fit'}. ${hasNoRest(results) ? 'Off blocks are' : 'Rest is'} what intercepts model, so that the task’s coefficient is task minus ${offWords(results)}.${others.length > 0 && (alike ? ' Designs of the other tasks have the same entries.' : ' Designs of the other tasks differ in their entries.')} All are in <code>glm/design.parquet</code>.`,
    imaging: 'The same picture as plot_design_matrix of nilearn gives, with prompts in place of scans.',
  });
}

/** A design's values by place, without the names of its columns and runs. */
function shapeOf(entries: readonly DesignEntry[]): string {
  const numbered = (names: readonly string[]) => new Map([...new Set(names)].map((name, k) => [name, k]));
  const columns = numbered(entries.map(({ column }) => column));
  const runs = numbered(entries.map(({ run }) => run).sort());
  return entries.map(({ column, run, prompt, value }) => [columns.get(column), runs.get(run), prompt, value]).join(';');
}
