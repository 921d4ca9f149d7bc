import type { ArmaForms } from './arma-forms.js';
import { type ArmaProblem, powerSum } from './arma-problem.js';
import type { ArmaScales } from './arma-scales.js';

/** Half the width of a panel on the scale of ma. */
export const panelWidth = 0.25;
const degree = 10;

/** Chebyshev points of a panel, about its middle. */
export const panelOffsets = Float64Array.from({ length: degree + 1 }, (_, k) =>
  k === degree / 2 ? 0 : -panelWidth * Math.cos((Math.PI * k) / degree),
);

/** The criterion of one unit in a panel. */
export interface PanelCriterion {
  /** At [arc sine of ar's share of its scale, x]; both turn back at their ends, so that the criterion is level there. */
  at(angle: number, x: number): number;
  ar(angle: number): number;
  /** x, turned back. */
  x(x: number): number;
}

/**
 * The criterion anywhere near `middle` on the scale of ma, from forms at the panel's Chebyshev points: forms are power series in
 * ma, which the scale makes polynomials of a low degree, to rounding of the criterion. Infinity outside of the panel.
 */
export function armaPanel(problem: ArmaProblem, scales: ArmaScales, designs: readonly ArmaForms[], middle: number) {
  const count = panelOffsets.length;
  const weights = new Float64Array(count);
  const point = problem.point(designs[0], 0);
  const { df } = problem;

  function weigh(x: number): void {
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const distance = x - middle - panelOffsets[k];
      if (distance === 0) {
        weights.fill(0);
        weights[k] = 1;
        return;
      }
      weights[k] = ((k % 2 === 0 ? 1 : -1) * (k === 0 || k === count - 1 ? 0.5 : 1)) / distance;
      sum += weights[k];
    }
    for (let k = 0; k < count; k++) weights[k] /= sum;
  }

  const design = new Float64Array(designs[0].design.length * count);
  designs.forEach((one, k) => {
    one.design.forEach((value, i) => {
      design[i * count + k] = value;
    });
  });

  /** Forms at the values of x asked last: differences ask for few of them again and again. */
  const recent = Array.from({ length: 4 }, () => ({
    x: Number.NaN,
    owner: -1,
    forms: {
      ...designs[0],
      design: new Float64Array(designs[0].design.length),
      powers: new Float64Array(problem.lengths.length),
    },
    unit: new Float64Array(problem.unitSize),
  }));
  let next = 0;

  function formsAt(held: Float64Array, owner: number, x: number) {
    for (let i = 0; i < recent.length; i++) if (recent[i].x === x && recent[i].owner === owner) return recent[i];
    const one = recent[next];
    next = (next + 1) % recent.length;
    weigh(x);
    if (one.x !== x) {
      interpolate(one.forms.design, weights, design);
      one.forms.ma = scales.maAt(x);
      for (let g = 0; g < problem.lengths.length; g++)
        one.forms.powers[g] = powerSum(one.forms.ma * one.forms.ma, problem.lengths[g]);
    }
    interpolate(one.unit, weights, held);
    one.x = x;
    one.owner = owner;
    return one;
  }

  const turned = (x: number) => (Math.abs(x) > scales.end ? Math.sign(x) * 2 * scales.end - x : x);
  const arOf = (angle: number) => scales.arAt(scales.arEnd * Math.sin(angle));

  /** @param held forms of the unit, of each number its values at the panel's points; @param owner another number for each unit */
  return (held: Float64Array, owner: number): PanelCriterion => ({
    ar: arOf,
    x: turned,
    at(angle, beyond) {
      const x = turned(beyond);
      if (Math.abs(x - middle) > 1.2 * panelWidth) return Number.POSITIVE_INFINITY;
      const { forms, unit } = formsAt(held, owner, x);
      problem.point(forms, arOf(angle), point);
      const value = df * Math.log(problem.squares(point, unit)) + point.logs;
      return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
    },
  });
}

/** Each number is the weighted sum of its own at the panel's points, which lie side by side. */
function interpolate(out: Float64Array, weights: Float64Array, values: Float64Array): void {
  for (let i = 0, at = 0; i < out.length; i++) {
    let sum = 0;
    let more = 0;
    for (let k = 0; k < degree; k += 2, at += 2) {
      sum += weights[k] * values[at];
      more += weights[k + 1] * values[at + 1];
    }
    out[i] = sum + more + weights[degree] * values[at++];
  }
}
