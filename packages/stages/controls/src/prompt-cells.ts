import { type CellSums, cellSums, cellSumsWithout } from '@galvani/statistics';
import { type ByUnit, rememberedByUnit } from './by-unit.js';
import type { PresentedPrompts } from './presented-prompts.js';

/** Activity of all prompts, [prompts x units] row-major. */
export interface Activity {
  values: Float32Array;
  units: number;
}

/** Some prompts of one run and condition. */
export interface PromptCell {
  run: number;
  /** Task of the run. */
  task: number;
  isTask: number;
  /** Of its rows; cells of one name are the same. */
  name: string;
  sums: CellSums;
}

/** Sums over the prompts of each run and condition among some rows, of a fold. */
export interface PromptCells {
  of(rows: Int32Array): PromptCell[];
}

/**
 * Sums of one fold after another. Whole cells are gone through once for all folds, and parts of one from the whole and what is left out. Of
 * a large model hundreds of parts are a gigabyte, so that they lie where the last fold's did: a fold's cells are valid until the next one's.
 */
export function promptCells({ values, units }: Activity, prompts: PresentedPrompts): PromptCells {
  const rowsOf = new Map<number, number[]>();
  for (const row of prompts.run.keys()) {
    const cell = cellOf(prompts, row);
    const own = rowsOf.get(cell);
    if (own) own.push(row);
    else rowsOf.set(cell, [row]);
  }
  const whole = new Map<number, CellSums>();
  const memory: { mean: Float64Array; squares: Float64Array }[] = [];
  const wholeOf = (cell: number) => {
    const sums = whole.get(cell) ?? cellSums(values, units, rowsOf.get(cell)!);
    whole.set(cell, sums);
    return sums;
  };
  return {
    of(rows) {
      const found = new Map<number, number[]>();
      for (const row of rows) {
        const cell = cellOf(prompts, row);
        const own = found.get(cell);
        if (own) own.push(row);
        else found.set(cell, [row]);
      }
      let parts = 0;
      const partOf = (cell: number, left: number[]) => {
        const kept = new Set(left);
        const out = rowsOf.get(cell)!.filter((row) => !kept.has(row));
        if (out.length === 0) return wholeOf(cell);
        memory[parts] ??= { mean: new Float64Array(units), squares: new Float64Array(units) };
        return cellSumsWithout(wholeOf(cell), values, { left, out }, memory[parts++]);
      };
      return [...found].map(([cell, own]) => {
        const [row] = own;
        return {
          ...{ run: prompts.run[row], task: prompts.task[row], isTask: prompts.isTask[row] },
          ...{ name: own.join(), sums: partOf(cell, own) },
        };
      });
    },
  };
}

const cellOf = ({ run, isTask }: PresentedPrompts, row: number) => 2 * run[row] + isTask[row];

/** What rest prompts among cells show of a unit: their mean, and their spread about their run's mean (0 for a unit that never moves). */
export interface RestLevel {
  mean: ByUnit;
  sd: ByUnit;
}

/** What rest prompts among a fold's training cells, of so many units, show. */
export function trainingRest(cells: readonly PromptCell[], units: number): RestLevel {
  const own = cells.filter(({ isTask }) => isTask === 0).map(({ sums }) => sums);
  const df = own.reduce((sum, { count }) => sum + count - 1, 0);
  const squares = own.map((sums) => sums.squares);
  const spread = (unit: number) => {
    let sum = 0;
    for (let c = 0; c < squares.length; c++) sum += squares[c][unit];
    return Math.sqrt(sum / df);
  };
  return { mean: rememberedByUnit(units, meanOver(own)), sd: rememberedByUnit(units, spread) };
}

/** A unit's mean over cells, each prompt counting once; NaN where there are none. */
export function meanOver(cells: readonly CellSums[]): ByUnit {
  const counts = cells.map(({ count }) => count);
  const means = cells.map(({ mean }) => mean);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return (unit) => {
    let sum = 0;
    for (let c = 0; c < means.length; c++) sum += counts[c] * means[c][unit];
    return sum / total;
  };
}

/** A unit's activity in standard deviations of rest; 0 where rest does not vary. */
export function beyondRest(rest: RestLevel, value: number, unit: number): number {
  const sd = rest.sd(unit);
  return sd > 0 ? (value - rest.mean(unit)) / sd : 0;
}
