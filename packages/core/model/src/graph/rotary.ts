import type { Value } from './graph-builder.js';
import type { Building } from './module.js';

/** Rotary position embedding (Su et al. 2021): turns queries and keys by an angle that grows with the position. */
export interface Rotary {
  /** x is [batch, sequence, heads × headSize]. */
  rotate(b: Building, x: Value, positionGrid: Value, heads: number, headSize: number): Value;
}
