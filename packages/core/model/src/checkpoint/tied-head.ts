import type { WeightSource } from '../weights/weight-source.js';
import type { Tensors } from './tensors.js';

/**
 * Whether the head is the embedding's table. A file that holds both, and different numbers in them, was trained untied, whatever
 * config.json says (`tie_weights` in modeling_utils.py of transformers 5).
 */
export async function isTied(
  asked: boolean,
  tensors: Tensors,
  source: WeightSource,
  { embedding, head }: { embedding: string; head: string },
): Promise<boolean> {
  if (!asked || !tensors.has(head)) return asked;
  return source.sameNumbers(tensors.stored(embedding), tensors.stored(head));
}
