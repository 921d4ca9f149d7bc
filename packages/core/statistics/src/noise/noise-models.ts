import type { DesignMatrix } from '../design-matrix.js';
import type { Estimator } from '../fit.js';
import { type PromptLayout, runSegments, type Segments, segmentsOf } from '../layout.js';
import { type Ar1Options, ar1Estimator } from './ar1.js';
import { ar1PromptEstimator } from './ar1-prompt.js';
import { arma11Estimator } from './arma11.js';
import { mixedEstimator } from './mixed.js';
import { olsEstimator } from './ols.js';
import { promptEstimator } from './prompt.js';

/** Studies that a calibration simulates, and labellings of rest prompts with the units that they are tried on. */
interface Trials {
  simulated: number;
  labelled?: { studies: number; units: number };
}

/** What some noise models take besides the design. */
export interface EstimatorOptions extends Ar1Options {
  /** Of `prompt`: condition of each prompt, whole numbers, where conditions have variances of their own. */
  conditions?: Int32Array;
}

interface NoiseModelRow {
  /** @param layout the run and prompt of each row of the design */
  estimator(design: DesignMatrix, layout: PromptLayout, units: number, options: EstimatorOptions): Estimator;
  /** Numbers that the estimator keeps for each unit and segment, beside six for each column of the design. */
  sums: number | 'series';
  /** How often it is tried in full and in a hurry; undefined for one that is not on offer in studies. */
  calibration?: { full: Trials; quick: Trials };
}

/** The noise models. `ar1-nilearn` is nilearn's convention, for parity. */
export const noiseModelTable = {
  prompt: {
    estimator: (design, layout, units, { conditions }) =>
      promptEstimator(design, segmentsOf(layout), units, conditions),
    sums: 3,
    calibration: {
      full: { simulated: 1000, labelled: { studies: 1000, units: 2000 } },
      quick: { simulated: 40, labelled: { studies: 40, units: 400 } },
    },
  },
  mixed: {
    estimator: (design, layout, units) => mixedEstimator(design, segmentsOf(layout), units),
    sums: 3,
    calibration: {
      full: { simulated: 400, labelled: { studies: 40, units: 200 } },
      quick: { simulated: 10, labelled: { studies: 4, units: 100 } },
    },
  },
  ols: {
    estimator: (design, layout, units) => olsEstimator(design, segmentsOf(layout), units),
    sums: 1,
    calibration: {
      full: { simulated: 400, labelled: { studies: 40, units: 200 } },
      quick: { simulated: 10, labelled: { studies: 4, units: 100 } },
    },
  },
  ar1: {
    estimator: (design, layout, units, options) => ar1Estimator(design, segmentsOf(layout), units, options),
    sums: 3,
    calibration: {
      full: { simulated: 400, labelled: { studies: 40, units: 200 } },
      quick: { simulated: 10, labelled: { studies: 4, units: 100 } },
    },
  },
  arma11: {
    estimator: (design, layout, units) => arma11Estimator(design, segmentsOf(layout), units),
    sums: 'series',
    // It is fitted by a search in two dimensions for every unit: ten times the work of the others.
    calibration: { full: { simulated: 200, labelled: { studies: 20, units: 200 } }, quick: { simulated: 4 } },
  },
  'ar1+prompt': {
    estimator: (design, layout, units) => ar1PromptEstimator(design, segmentsOf(layout), units),
    sums: 3,
    calibration: {
      full: { simulated: 400, labelled: { studies: 40, units: 200 } },
      quick: { simulated: 10, labelled: { studies: 4, units: 100 } },
    },
  },
  'ar1-nilearn': {
    estimator: (design, layout, units, options) =>
      ar1Estimator(design, runSegments(layout), units, {
        start: 'unscaled',
        rho: 'yule-walker',
        bins: 100,
        ...options,
      }),
    sums: 3,
  },
} as const satisfies Record<string, NoiseModelRow>;

export type NoiseModel = keyof typeof noiseModelTable;

export const noiseModel = (name: NoiseModel): NoiseModelRow => noiseModelTable[name];

/** The noise models that calibrations try. */
export const calibratedModels = (Object.keys(noiseModelTable) as NoiseModel[]).filter(
  (name) => noiseModel(name).calibration,
);

/** Bytes that an estimator keeps for a unit: the series itself, or sums over segments and design columns. */
export function bytesPerUnit(name: NoiseModel, design: DesignMatrix, { count }: Pick<Segments, 'count'>): number {
  const { sums } = noiseModel(name);
  return 8 * (sums === 'series' ? design.rows : sums * count + 6 * design.columns);
}
