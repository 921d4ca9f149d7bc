import type { DesignMatrix } from '../design-matrix.js';
import { type HemodynamicModel, hemodynamicKernels } from './hemodynamic-response.js';
import { orthogonalizeColumns } from './orthogonal.js';
import { firstSampleFrom } from './time-to-row.js';

/** Something that happens for a while in a running context. */
export interface TimedEvent {
  condition: string;
  /** In rows from the first row. */
  onset: number;
  /** In rows. */
  duration: number;
  /** Default 1. */
  amplitude?: number;
}

const oversampling = 50;
const earliest = -24;

/**
 * Regressors of a continuous run of `rows` rows: each condition's events convolved with a canonical
 * response, or spread over `delays` (a finite impulse response in rows). Samples, interpolation and the order of columns
 * (conditions sorted, derivatives orthogonal to the response) are nilearn's.
 *
 * @param tr seconds from one row to the next, default 1; only a canonical response knows of seconds
 */
export function eventDesign(
  events: readonly TimedEvent[],
  rows: number,
  model: HemodynamicModel | { delays: readonly number[] },
  tr = 1,
): DesignMatrix {
  const fir = typeof model !== 'string';
  const kernels = fir
    ? model.delays.map((delay) => {
        const kernel = new Float64Array((delay + 1) * oversampling);
        kernel.fill(1 / oversampling, delay * oversampling);
        return kernel;
      })
    : hemodynamicKernels(model, tr / oversampling);
  const suffixes = fir ? model.delays.map((delay) => `_delay_${delay}`) : ['', '_derivative', '_dispersion'];
  const conditions = [...new Set(events.map((event) => event.condition))].sort();
  const names: string[] = [];
  const columns: Float64Array[] = [];
  for (const condition of conditions) {
    const fine = fineRegressor(
      events.filter((event) => event.condition === condition),
      rows,
    );
    const own = kernels.map((kernel) => sampleConvolution(fine, kernel, rows, fir ? oversampling - 1 : 0));
    columns.push(...(fir ? own : orthogonalizeColumns(own)));
    names.push(...own.map((_, k) => `${condition}${suffixes[k]}`));
  }
  const X = new Float64Array(rows * columns.length);
  columns.forEach((column, j) => {
    for (let i = 0; i < rows; i++) X[i * columns.length + j] = column[i];
  });
  return { names, X, rows, columns: columns.length };
}

/** Summed amplitudes of events on a grid of 1/50 row that starts 24 rows before the first. */
function fineRegressor(events: readonly TimedEvent[], rows: number): Float64Array {
  const samples = (rows - earliest) * oversampling + 1;
  const firstFrom = (time: number) =>
    Math.min(Math.max(0, firstSampleFrom(time, oversampling) - earliest * oversampling), samples - 1);
  const change = new Float64Array(samples);
  for (const { onset, duration, amplitude = 1 } of events) {
    const from = firstFrom(onset);
    let until = firstFrom(onset + duration);
    if (until === from && until < samples - 1) until++;
    change[from] += amplitude;
    change[until] -= amplitude;
  }
  let level = 0;
  return change.map((value) => {
    level += value;
    return level;
  });
}

/** A convolution with a kernel at whole rows, `ahead` fine samples later. */
function sampleConvolution(fine: Float64Array, kernel: Float64Array, rows: number, ahead: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const at = (row - earliest) * oversampling + ahead;
    let sum = 0;
    for (let k = 0; k < kernel.length && k <= at; k++) sum += kernel[k] * fine[at - k];
    return sum;
  });
}
