/** The shape of one transformer block's attention. */
export interface AttentionShape {
  /** Path of its module, `model.layers.0.self_attn`. */
  module: string;
  /** The projection behind it: its path, its width, and whether its weight is [in, out], as GPT-2 has it. */
  output: { path: string; width: number; transposed?: boolean };
  /** Most positions of a text. */
  contextLength: number;
  heads: number;
  /** Fewer than `heads` where several heads share keys and values (Ainslie et al. 2023). */
  keyValueHeads: number;
  headSize: number;
  /** What the products of queries and keys are multiplied by; usually 1 / √headSize. */
  scale: number;
  /** Positions that a token sees, itself included; absent: all before it. */
  window?: number;
  /** Gemma 2's bound on the products: softcap × tanh(product / softcap). */
  softcap?: number;
}
