/**
 * A network as rows and columns of its model's parameters.
 *
 * @module @galvani/mask
 */
export type { MaskedWeights } from './mask-tensors.js';
export type { SiteUnits } from './network-units.js';
export { networkWeights } from './network-weights.js';
export { type MaskFormat, writeMask } from './write-mask.js';
