import { type Baseline, restOf } from '@galvani/identification';
import { type CellSums, cellSums } from '@galvani/statistics';
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

/**
 * Whole cells by name: most folds of a session leave out prompts of few cells. What is left of a cell seldom comes again, and of a large
 * model hundreds of them are a gigabyte.
 */
export type KnownCells = Map<string, CellSums>;

/** Sums of activity over the prompts of each run and condition among some rows. */
export function promptCells(
  { values, units }: Activity,
  prompts: PresentedPrompts,
  rows: Int32Array,
  known: KnownCells,
): PromptCell[] {
  const found = new Map<number, number[]>();
  for (const row of rows) {
    const cell = 2 * prompts.run[row] + prompts.isTask[row];
    const own = found.get(cell) ?? [];
    found.set(cell, own);
    own.push(row);
  }
  const sizes = new Map<number, number>();
  for (const [row, run] of prompts.run.entries()) {
    const cell = 2 * run + prompts.isTask[row];
    sizes.set(cell, (sizes.get(cell) ?? 0) + 1);
  }
  return [...found.values()].map((own) => {
    const [row] = own;
    const name = own.join();
    const sums = known.get(name) ?? cellSums(values, units, own);
    if (own.length === sizes.get(2 * prompts.run[row] + prompts.isTask[row])) known.set(name, sums);
    return { run: prompts.run[row], task: prompts.task[row], isTask: prompts.isTask[row], name, sums };
  });
}

/** Mean and spread of the rest prompts among cells, of so many units. */
export const trainingRest = (cells: readonly PromptCell[], units: number): Baseline =>
  restOf(
    cells.filter(({ isTask }) => isTask === 0).map(({ sums }) => sums),
    units,
  );
