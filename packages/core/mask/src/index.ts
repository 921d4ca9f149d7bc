export type { MaskedWeights } from './mask-tensors.js';
export { networkWeights } from './network-weights.js';
export { type MaskFormat, writeMask } from './write-mask.js';
