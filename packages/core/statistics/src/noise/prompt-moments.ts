import type { Segments } from '../layout.js';
import type { MomentNeeds, Moments } from './moment-sums.js';

/**
 * What a series comes to over each prompt, in place of its rows: [prompts x units] each, row-major. All but the means are about the
 * prompt's own mean, so that a level hundreds of times the spread cancels nothing.
 */
export interface PromptMoments {
  means: Float64Array;
  /** Sums of squares. */
  squares?: Float64Array;
  /** The first and the last row. */
  first?: Float64Array;
  last?: Float64Array;
  /** Sums of products of each row with the one before. */
  lagged?: Float64Array;
}

/** Whether moments that were kept of prompts are all that a noise model takes of a series. */
export const momentsServe = ({ squares, neighbours, varying = [] }: MomentNeeds, given: PromptMoments): boolean =>
  varying.length === 0 &&
  (!(squares || neighbours) || given.squares !== undefined) &&
  (neighbours === undefined || given.lagged !== undefined);

/**
 * The sums of a series from its moments over prompts, as `accumulateMoments` has them of its rows, to rounding.
 *
 * @throws RangeError where moments of the prompts do not serve
 */
export function momentsOfPrompts(
  needs: MomentNeeds,
  segments: Segments,
  units: number,
  shifted: boolean,
  given: PromptMoments,
): Moments {
  if (!momentsServe(needs, given)) throw new RangeError('the noise model needs more than these moments of prompts');
  const { count, length } = segments;
  const { means } = given;
  if (means.length !== count * units)
    throw new RangeError(`${means.length} means were given of ${count} prompts and ${units} units`);
  const shift = shifted ? means.slice(0, units) : new Float64Array(units);
  const sums = new Float64Array(count * units);
  const squares = new Float64Array(needs.squares || needs.neighbours ? units : 0);
  const edges = new Float64Array(needs.neighbours ? count * units : 0);
  const edgeSquares = new Float64Array(needs.neighbours ? units : 0);
  const neighbours = new Float64Array(needs.neighbours ? units : 0);
  for (let s = 0; s < count; s++) {
    const n = length[s];
    for (let v = 0, at = s * units; v < units; v++, at++) {
      const level = means[at] - shift[v];
      sums[at] = n * level;
      if (squares.length > 0) squares[v] += given.squares![at] + n * level * level;
      if (!needs.neighbours) continue;
      const [first, last] = [given.first![at], given.last![at]];
      neighbours[v] += given.lagged![at] - level * (first + last) + (n - 1) * level * level;
      edges[at] = last + level;
      edgeSquares[v] += (last + level) ** 2;
      if (needs.neighbours === 'last') continue;
      edges[at] += first + level;
      edgeSquares[v] += (first + level) ** 2;
    }
  }
  return {
    ...{ units, segments, shift, sums },
    ...(squares.length > 0 && { squares }),
    ...(needs.neighbours && { edges, edgeSquares, neighbours }),
  };
}
