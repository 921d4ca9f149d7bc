import { type InferenceSession, Tensor } from '@galvani/onnx';
import { positionsInput, rowsInput } from './tap-graph.js';

/** Feeds of the tapped graph: the text's, and the positions whose activations are wanted. */
export function activationFeeds(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  rows: number,
  columns: number,
  positions: readonly number[],
): Record<string, Tensor> {
  const more: Record<string, Tensor> = { ...feeds };
  const indices = (numbers: number[]) => new Tensor('int64', BigInt64Array.from(numbers, BigInt), [numbers.length]);
  if (session.inputNames.includes(positionsInput)) more[positionsInput] = indices([...positions]);
  if (session.inputNames.includes(rowsInput)) {
    const flat = Array.from({ length: rows }, (_, r) => positions.map((p) => r * columns + p)).flat();
    more[rowsInput] = indices(flat);
  }
  return more;
}

/** Activations [rows x positions x width] of a tap; what is the same for every text (`[positions x width]`) is repeated. */
export function spreadRows(
  found: Float32Array,
  rows: number,
  positions: number,
  width = found.length / (rows * positions),
): Float32Array {
  if (found.length === rows * positions * width) return found;
  const out = new Float32Array(rows * found.length);
  for (let r = 0; r < rows; r++) out.set(found, r * found.length);
  return out;
}
