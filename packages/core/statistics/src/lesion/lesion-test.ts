import { excessOverDraws, stepDownFamily } from '../inference/step-down-family.js';

/** What a lesion does, beside lesions of control units; of each cell of a family, in the family's order. */
export interface LesionTest {
  /** Mean and standard deviation over controls. */
  controlMean: Float64Array;
  controlSpread: Float64Array;
  /** One-sided: that control units do as much. The other: that they do as little. */
  p: Float64Array;
  opposite: Float64Array;
  /** Both corrected over the family. */
  familywise: Float64Array;
  oppositeFamilywise: Float64Array;
}

/**
 * Whether lesions of networks do more than those of control units, over a family of measures (cells of a matrix of tasks and lesions, or
 * selectivities). A network that is a draw like its controls is the largest of them with probability 1 / (controls + 1). Controls with
 * the same number are one draw of all networks' controls, so that the family's largest are compared with each other.
 *
 * @param observed measure of each cell
 * @param controls the same under each control, [cells] of [controls]
 */
export function lesionTest(observed: readonly number[], controls: readonly Float64Array[]): LesionTest {
  const more = tailOf(observed, controls);
  const less = tailOf(
    observed.map((value) => -value),
    controls.map((own) => own.map((value) => -value)),
  );
  const controlMean = Float64Array.from(controls, meanOf);
  const controlSpread = Float64Array.from(controls, (own, c) =>
    Math.sqrt(own.reduce((sum, value) => sum + (value - controlMean[c]) ** 2, 0) / (own.length - 1)),
  );
  return {
    ...{ controlMean, controlSpread, p: more.p, familywise: more.familywise },
    ...{ opposite: less.p, oppositeFamilywise: less.familywise },
  };
}

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function tailOf(observed: readonly number[], controls: readonly Float64Array[]) {
  const p = Float64Array.from(observed, (value, c) => {
    const reached = controls[c].reduce((count, drawn) => count + (drawn >= value ? 1 : 0), 0);
    return (reached + 1) / (controls[c].length + 1);
  });
  const family = observed.map((value, c) => {
    const { excess, drawn } = excessOverDraws(value, controls[c]);
    return { excess, drawn: [drawn], p: p[c] };
  });
  return { p, familywise: stepDownFamily(family) };
}
