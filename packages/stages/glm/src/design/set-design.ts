import { type DesignMatrix, type PromptLayout, promptLayout, segmentMeans, segmentsOf } from '@galvani/statistics';
import type { RunRows } from '../run-rows.js';
import { type DesignOptions, type ModelDesign, modelDesign } from './model-design.js';
import type { StudyConfounds } from './study-confounds.js';

/** The design of some runs of a study. */
export interface SetDesign {
  /** A row for each generated token. */
  tokens: ModelDesign;
  layout: PromptLayout;
  prompts: {
    /** A row for each prompt, the mean over its tokens: what relabelling works on, and what the noise model `prompt` fits. */
    design: DesignMatrix;
    layout: PromptLayout;
    /** Tokens of each. */
    lengths: Int32Array;
  };
}

export function setDesign(runs: readonly RunRows[], options: DesignOptions, confounds?: StudyConfounds): SetDesign {
  const rows = runs.flatMap(({ promptOfRow }, r) => Array.from(promptOfRow, (prompt) => ({ r, prompt })));
  const layout = promptLayout(
    rows.map(({ r }) => r),
    rows.map(({ prompt }) => prompt),
  );
  const joined = (of: (run: RunRows) => Float64Array) => Float64Array.from(runs.flatMap((run) => Array.from(of(run))));
  const values = new Map(
    (['position', 'log_probability', 'entropy'] as const).map((name) => [name, joined((run) => run.values[name])]),
  );
  const names = [...(confounds?.values().next().value?.keys() ?? [])];
  const tokens = modelDesign(
    {
      layout,
      condition: rows.map(({ r, prompt }) => (runs[r].isTask[prompt] === 1 ? runs[r].run.task : null)),
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
  const segments = segmentsOf(layout);
  return {
    tokens,
    layout,
    prompts: {
      design: segmentMeans(tokens.design, segments),
      layout: promptLayout(
        segments.run,
        Array.from(segments.start, (first) => layout.prompt[first]),
      ),
      lengths: segments.length,
    },
  };
}
