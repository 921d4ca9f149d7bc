export { type CalibrationOptions, calibrate, quickCalibration } from './calibration/calibrate.js';
export { type NoiseProcess, noiseProcesses, simulateNoise, varianceOfMean } from './calibration/noise-process.js';
export { type ActivationCalibrationOptions, calibrateOnActivations } from './calibration/real-activations.js';
export type { CalibrationMeasure, CalibrationRow } from './calibration/tally.js';
export type { Contrast } from './contrast/contrast.js';
export { checkEstimable, requireEstimable } from './contrast/estimability.js';
export { contrastF, type FContrastResult, fResult } from './contrast/f-contrast.js';
export { contrastT, type TContrastResult, tResult } from './contrast/t-contrast.js';
export { blockDesign, boxcars, conditionsOf, restCondition, runIntercepts } from './design/block-design.js';
export { confoundDesign } from './design/confounds.js';
export { type DesignReport, designReport } from './design/design-report.js';
export { cosineDrift, driftPerRun, polynomialDrift } from './design/drift.js';
export { eventDesign, type TimedEvent } from './design/event-regressor.js';
export { exponentialKernel } from './design/exponential-kernel.js';
export { tokenResponse } from './design/finite-impulse-response.js';
export { type HemodynamicModel, hemodynamicKernels } from './design/hemodynamic-response.js';
export { type Centring, modulator } from './design/modulator.js';
export { firstRowFrom, lastRowUntil } from './design/time-to-row.js';
export {
  constantWithin,
  type DesignMatrix,
  type DesignSpace,
  designOf,
  designSpace,
  joinDesigns,
  type NamedColumns,
  segmentMeans,
} from './design-matrix.js';
export { outlierUnits } from './diagnostics/outlier-units.js';
export {
  createDiagnostics,
  type DiagnosticsOptions,
  type ResidualDiagnostics,
} from './diagnostics/residual-diagnostics.js';
export { cohensDInterval } from './effect-size/cohens-d.js';
export { partialEtaSquaredInterval } from './effect-size/partial-eta-squared.js';
export { createEstimator, type Estimator, effectiveDesign } from './estimator.js';
export { type Fit, type NoiseModel, type PromptFit, unitFlag } from './fit.js';
export { type Conjunction, conjunction } from './groups/conjunction.js';
export { type FixedEffectsOptions, fixedEffects } from './groups/fixed-effects.js';
export { fixedEffectsF } from './groups/fixed-effects-f.js';
export { randomEffects } from './groups/random-effects.js';
export { type ExchangeableRow, requireExchangeable } from './inference/exchangeability.js';
export { type FamilywiseNull, joinFamilies, type Tail } from './inference/familywise-null.js';
export {
  type ChunkStatistics,
  type MaximumNull,
  type MaximumNullOptions,
  maximumNull,
} from './inference/maximum-statistic.js';
export { type PartitionedDesign, partitionDesign } from './inference/partition.js';
export {
  type PermutationOptions,
  type PermutationPlan,
  planPermutations,
  smallestP,
} from './inference/permutation-plan.js';
export {
  type PermutationTest,
  type PermutationTestOptions,
  permutationF,
  permutationT,
  signFlipT,
} from './inference/permutation-test.js';
export type { Precision } from './inference/product-graph.js';
export { planSignFlips, type SignFlipOptions } from './inference/sign-flip-plan.js';
export { stepDown } from './inference/step-down.js';
export type { UnitMatrix } from './inference/unit-residuals.js';
export { type PromptLayout, promptLayout, type Segments, segmentsOf, uniformLayout } from './layout.js';
export type { Ar1Options } from './noise/ar1.js';
export { networkThreshold, type ThresholdCorrection } from './task-effect/network-threshold.js';
export { type PooledEffect, pooledEffect, type RunEffect, runEffect } from './task-effect/run-effect.js';
