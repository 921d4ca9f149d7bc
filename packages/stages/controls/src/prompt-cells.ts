import { type CellSums, cellSums, cellSumsWithout } from '@galvani/statistics';
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

/** What rest prompts among cells show of each unit: their mean, and their spread about their run's mean (0 for a unit that never moves). */
export interface RestLevel {
  mean: Float64Array;
  sd: Float64Array;
}

/** What rest prompts among a fold's training cells, of so many units, show. */
export function trainingRest(cells: readonly PromptCell[], units: number): RestLevel {
  const own = cells.filter(({ isTask }) => isTask === 0).map(({ sums }) => sums);
  const df = own.reduce((sum, { count }) => sum + count - 1, 0);
  const sd = new Float64Array(units);
  for (const { squares } of own) for (let u = 0; u < units; u++) sd[u] += squares[u];
  for (let u = 0; u < units; u++) sd[u] = Math.sqrt(sd[u] / df);
  return { mean: meanOver(own, units), sd };
}

/** Each unit's mean over cells, each prompt counting once; NaN where there are none. */
export function meanOver(cells: readonly CellSums[], units: number): Float64Array {
  const means = new Float64Array(units);
  let total = 0;
  for (const { count, mean } of cells) {
    for (let u = 0; u < units; u++) means[u] += count * mean[u];
    total += count;
  }
  for (let u = 0; u < units; u++) means[u] /= total;
  return means;
}

/** A unit's activity in standard deviations of rest; 0 where rest does not vary. */
export const beyondRest = ({ mean, sd }: RestLevel, value: number, unit: number): number =>
  sd[unit] > 0 ? (value - mean[unit]) / sd[unit] : 0;
