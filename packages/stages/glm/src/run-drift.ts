import type { RunDrift } from '@galvani/artifact';
import { createRestDrift, type PromptLayout, segmentsOf } from '@galvani/statistics';

/** Gathers over layers whether rest drifts in each run. */
export interface RunDrifts {
  /** @param means of all prompts of the layout, [prompts x units] */
  add(means: Float64Array): void;
  /** A row for each run that can be tested. */
  rows(): RunDrift[];
}

/**
 * A test for each run whose rest prompts lie before and after its task, 5 of them or more.
 *
 * @param condition of each row, null for rest
 * @param runName of a run of the layout
 */
export function runDrifts(
  layout: PromptLayout,
  condition: readonly (string | null)[],
  runName: (run: number) => string,
  seed: number,
): RunDrifts {
  const { count, ofRow, run } = segmentsOf(layout);
  const isRest = new Uint8Array(count).fill(1);
  for (const [row, name] of condition.entries()) if (name !== null) isRest[ofRow[row]] = 0;
  const tests = [...new Set(run)].flatMap((r) => {
    const prompts = [...run.keys()].filter((p) => run[p] === r);
    const rest = prompts.filter((p) => isRest[p]);
    if (!isRest[prompts[0]] || !isRest[prompts.at(-1)!] || rest.length === prompts.length) return [];
    const test = createRestDrift(
      rest.map((p) => p - prompts[0]),
      `${seed} drift ${runName(r)}`,
    );
    return test ? [{ name: runName(r), rest, test }] : [];
  });
  return {
    add(means) {
      const units = means.length / count;
      for (const { rest, test } of tests) {
        const own = new Float64Array(rest.length * units);
        for (const [i, p] of rest.entries()) own.set(means.subarray(p * units, (p + 1) * units), i * units);
        test.add(own);
      }
    },
    rows: () =>
      tests.map(({ name, test }) => {
        const { prompts, units, linearShare, linearP, quadraticShare, quadraticP } = test.finish();
        return {
          run: name,
          prompts,
          units,
          linear_share: linearShare,
          linear_p: linearP,
          quadratic_share: quadraticShare,
          quadratic_p: quadraticP,
        };
      }),
  };
}
