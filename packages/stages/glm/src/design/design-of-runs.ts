import type { Recording } from '@galvani/results';
import { type PromptLayout, promptLayout } from '@galvani/statistics';
import { type DesignOptions, type GlmDesign, glmDesign } from './glm-design.js';
import type { StudyConfounds } from './study-confounds.js';

/** The design of some runs of a study, a row for each generated token, and the task of each row (null is rest). */
export function designOfRuns(
  runs: readonly Recording[],
  options: DesignOptions,
  confounds?: StudyConfounds,
): GlmDesign & { layout: PromptLayout; condition: (string | null)[] } {
  const rows = runs.flatMap(({ promptOfRow }, r) => Array.from(promptOfRow, (prompt) => ({ r, prompt })));
  const layout = promptLayout(
    rows.map(({ r }) => r),
    rows.map(({ prompt }) => prompt),
  );
  const joined = (of: (run: Recording) => ArrayLike<number>) =>
    Float64Array.from(runs.flatMap((run) => Array.from(of(run))));
  const values = new Map(
    (['position', 'log_probability', 'entropy'] as const).map((name) => [
      name,
      joined(({ tokens }) => tokens.map((token) => token[name])),
    ]),
  );
  const names = [...(confounds?.values().next().value?.keys() ?? [])];
  const condition = rows.map(({ r, prompt }) => (runs[r].isTask[prompt] === 1 ? runs[r].run.task : null));
  const made = glmDesign(
    {
      layout,
      condition,
      tasks: [...new Set(runs.map(({ run }) => run.task))],
      sources: { task: 'tasks in study.yaml', modulator: 'glm.modulators', confound: 'glm.confounds' },
      runName: (r) => `run ${runs[r].run.name}`,
      values,
      ...(confounds && {
        confounds: names.map((name) => [name, joined(({ run }) => confounds.get(run.name)!.get(name)!)] as const),
      }),
    },
    options,
  );
  return { ...made, layout, condition };
}
