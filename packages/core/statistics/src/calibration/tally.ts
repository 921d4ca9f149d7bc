import { clopperPearson } from '@galvani/numerics';

/** One figure of a calibration: how often something happened, with a 95% interval. */
export interface CalibrationRow {
  /** The noise in the data. */
  readonly noise: string;
  /** The noise model that was fitted. */
  readonly model: string;
  /** The correction for many units, or 'none'. */
  readonly correction: string;
  readonly measure: CalibrationMeasure;
  /** What it should be (a level, a coverage), or the level at which power was taken. */
  readonly nominal: number;
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  /** Independent trials behind the estimate: units for unit-wise measures, studies for family-wise ones. */
  readonly trials: number;
}

export type CalibrationMeasure =
  | 'false positives of t'
  | 'false positives of F'
  | 'family-wise error'
  | 'false discovery proportion'
  | 'sensitivity'
  | 'coverage';

interface Cell {
  readonly row: Pick<CalibrationRow, 'noise' | 'model' | 'correction' | 'measure' | 'nominal'>;
  trials: number;
  sum: number;
  squares: number;
  readonly averaged: boolean;
}

/** Counts, and their rows. Rows come in the order in which their cells were first counted. */
export interface Tally {
  /** Adds `hits` of `trials` independent yes-or-no trials: the interval is Clopper and Pearson's. */
  count(row: Cell['row'], hits: number, trials: number): void;
  /** Adds one study's proportion: the interval is the mean plus and minus 1.96 standard errors. */
  average(row: Cell['row'], proportion: number): void;
  rows(): CalibrationRow[];
}

export function tally(): Tally {
  const cells = new Map<string, Cell>();
  const cellOf = (row: Cell['row'], averaged: boolean) => {
    const key = JSON.stringify([row.noise, row.model, row.correction, row.measure, row.nominal]);
    let cell = cells.get(key);
    if (!cell) {
      cell = { row, trials: 0, sum: 0, squares: 0, averaged };
      cells.set(key, cell);
    }
    return cell;
  };
  return {
    count(row, hits, trials) {
      const cell = cellOf(row, false);
      cell.sum += hits;
      cell.trials += trials;
    },
    average(row, proportion) {
      const cell = cellOf(row, true);
      cell.sum += proportion;
      cell.squares += proportion ** 2;
      cell.trials++;
    },
    rows: () =>
      [...cells.values()].map(({ row, trials, sum, squares, averaged }) => {
        const estimate = sum / trials;
        const half = 1.96 * Math.sqrt(Math.max(0, squares / trials - estimate ** 2) / Math.max(1, trials - 1));
        const interval = averaged
          ? { lower: Math.max(0, estimate - half), upper: Math.min(1, estimate + half) }
          : clopperPearson(sum, trials);
        return { ...row, estimate, ...interval, trials };
      }),
  };
}
