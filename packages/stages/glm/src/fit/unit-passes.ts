import { bytesPerUnit, segmentsOf } from '@galvani/statistics';
import { type PreparedGlm, permutesPrompts } from './prepared-glm.js';
import type { RowSource } from './row-source.js';

/** Neighbouring units that are fitted together. */
export interface UnitPart {
  /** The first one's place among the units of its pass. */
  first: number;
  units: number;
  /** Where they lie: units `from` to before `until` of a column. */
  pieces: { column: number; width: number; from: number; until: number }[];
}

/** Units up to which narrow columns are joined, so that a column of one unit is not fitted alone. */
const joined = 128;

/**
 * Shares the units of a source out to passes over its rows, as many to each as fit in memory together: whole columns where
 * they fit, else pieces of one. How units are cut changes no result.
 *
 * @param bytes that the estimators of one pass may take; default 256 MB
 */
export function unitPasses(
  { columns, layout, prompts }: Pick<RowSource, 'columns' | 'layout' | 'prompts'>,
  glms: readonly PreparedGlm[],
  bytes = 256e6,
): UnitPart[][] {
  const estimators = glms.reduce((sum, glm) => sum + bytesOfUnit(glm), 0);
  const gathered = prompts && estimators > 0 ? 8 * prompts.parts.length * segmentsOf(layout).count : 0;
  const perUnit = estimators + gathered + (glms.some(permutesPrompts) ? 8 * segmentsOf(layout).count : 0);
  const most = estimators === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(bytes / perUnit));
  const passes: UnitPart[][] = [[]];
  let taken = 0;
  for (const [column, { width }] of columns.entries())
    for (let from = 0; from < width; from += most) {
      const until = Math.min(width, from + most);
      if (taken > 0 && (from > 0 || taken + width > most)) {
        passes.push([]);
        taken = 0;
      }
      addPiece(passes.at(-1)!, taken, { column, width, from, until });
      taken += until - from;
    }
  return passes;
}

function addPiece(parts: UnitPart[], first: number, piece: UnitPart['pieces'][number]): void {
  const units = piece.until - piece.from;
  const last = parts.at(-1);
  if (last && last.units + units <= joined) {
    last.units += units;
    last.pieces.push(piece);
  } else parts.push({ first, units, pieces: [piece] });
}

/** Bytes that an estimator of rows keeps for a unit: the series itself, or sums over segments and design columns. */
function bytesOfUnit({ noise, design, layout, prompts }: PreparedGlm): number {
  if (prompts) return 0;
  return bytesPerUnit(noise, design, segmentsOf(layout));
}

/** The values of a part, [rows x units]: a whole column's own, else a copy. */
export function valuesOfPart(
  { units, pieces }: UnitPart,
  rows: number,
  values: readonly (Float32Array | Float64Array)[],
): Float32Array | Float64Array {
  const [{ column, width }] = pieces;
  if (units === width) return values[column].subarray(0, rows * width);
  const single = pieces.every((piece) => values[piece.column] instanceof Float32Array);
  const out = single ? new Float32Array(rows * units) : new Float64Array(rows * units);
  let to = 0;
  for (const { column, width, from, until } of pieces) {
    for (let r = 0; r < rows; r++)
      out.set(values[column].subarray(r * width + from, r * width + until), r * units + to);
    to += until - from;
  }
  return out;
}
