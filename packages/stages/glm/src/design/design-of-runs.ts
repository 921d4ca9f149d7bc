import type { Recording } from '@galvani/results';
import { type PromptLayout, promptLayout } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import { type DesignOptions, type GlmDesign, glmDesign } from './glm-design.js';
import type { StudyConfounds } from './study-confounds.js';

/** A design, and what its rows are. */
export interface RunsDesign extends GlmDesign {
  layout: PromptLayout;
  /** Task of each row; null is rest. */
  condition: (string | null)[];
}

/**
 * The design of some runs of a study, a row for each generated token.
 *
 * @param byTopic each prompt is of its own task, in whichever run it is: where off blocks hold prompts of the other tasks. Default: off
 * blocks are rest
 */
export function designOfRuns(
  runs: readonly Recording[],
  options: DesignOptions & Pick<StageParameters['glm'], 'pairs'>,
  confounds?: StudyConfounds,
  byTopic = false,
): RunsDesign {
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
  const condition = conditionsOf(runs, byTopic);
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

/** Task of each row of some runs; null is an off block, unless `byTopic` says that of its prompts too. */
export function conditionsOf(runs: readonly Recording[], byTopic = false): (string | null)[] {
  return runs.flatMap(({ run, events, isTask, promptOfRow }) =>
    Array.from(promptOfRow, (p) => (isTask[p] === 1 ? run.task : byTopic ? events[p].topic : null)),
  );
}
