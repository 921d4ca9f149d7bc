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
  type PermutationTest,
  type PermutationTestOptions,
  permutationF,
  permutationT,
  signFlipT,
} from './inference/permutation-test.js';
export type { Precision } from './inference/relabelled-product.js';
export {
  planRelabelling,
  type RelabellingOptions,
  type RelabellingPlan,
  smallestP,
} from './inference/relabelling-plan.js';
export { planSignFlips, type SignFlipOptions } from './inference/sign-flip-plan.js';
export { stepDown } from './inference/step-down.js';
export type { UnitMatrix } from './inference/unit-residuals.js';
