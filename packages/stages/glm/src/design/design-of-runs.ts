import type { Recording } from '@galvani/results';
import { type PromptLayout, promptLayout } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import { type DesignOptions, type GlmDesign, glmDesign } from './glm-design.js';
import type { StudyConfounds } from './study-confounds.js';

/** The design of some runs of a study, a row for each generated token, and the task of each row (null is rest). */
export function designOfRuns(
  runs: readonly Recording[],
  options: DesignOptions & Pick<StageParameters['glm'], 'pairs'>,
  confounds?: StudyConfounds,
): GlmDesign & { layout: PromptLayout; condition: (string | null)[] } {
  const rows = runs.flatMap(({ promptOfRow }, r) => Array.from(promptOfRow, (prompt) => ({ r, prompt })));
  // A pair is what a run is otherwise: it has a level of its own, and labels are exchanged inside it alone, which is the paired t.
  const pairsBefore = (r: number) => runs.slice(0, r).reduce((sum, { events }) => sum + events.length / 2, 0);
  const first = options.pairs ? runs.map((_, r) => pairsBefore(r)) : undefined;
  const levelOf = ({ r, prompt }: (typeof rows)[number]) => (first ? first[r] + Math.floor(prompt / 2) : r);
  const layout = promptLayout(
    rows.map(levelOf),
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
      runName: (level) => {
        if (!first) return `run ${runs[level].run.name}`;
        const r = first.findLastIndex((own) => own <= level);
        return `pair ${level - first[r] + 1} of run ${runs[r].run.name}`;
      },
      values,
      ...(confounds && {
        confounds: names.map((name) => [name, joined(({ run }) => confounds.get(run.name)!.get(name)!)] as const),
      }),
    },
    options,
  );
  return { ...made, layout, condition };
}
