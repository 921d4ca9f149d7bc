import { type InferenceSession, Tensor } from '@galvani/onnx';
import { type Interventions, interventionsOf } from '../forward/interventions.js';
import { interventionInputs } from '../graph/intervention.js';
import type { ImportedSite } from './imported-site.js';
import { interventionDims } from './intervened-graph.js';
import { positionsInput, rowsInput } from './tap-graph.js';
import type { Layout } from './tensor-layout.js';

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

/** Feeds of the intervention inputs for some rows of a request. */
export function changeFeeds(
  intervened: readonly ImportedSite[],
  given: Interventions | undefined,
  rows: readonly number[],
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const site of intervened) {
    const names = interventionInputs(site.name);
    const dims = interventionDims(site, rows.length);
    // What is the same for every text is changed for one text at a time.
    const own = site.tap.layout.startsWith('shared') ? rows.slice(0, 1) : rows;
    const { scale, offset } = interventionsOf(site, given, own);
    feeds[names.scale] = new Tensor('float32', scale, dims);
    feeds[names.offset] = new Tensor('float32', offset, dims);
  }
  return feeds;
}

/** Feed of the tokens [rows] of [positions] whose log probabilities are wanted. */
export function targetFeed(tokens: readonly Int32Array[], layout: Layout): Tensor {
  const ids = BigInt64Array.from(
    tokens.flatMap((own) => [...own]),
    BigInt,
  );
  return new Tensor('int64', ids, layout === 'flat' ? [ids.length, 1] : [tokens.length, tokens[0].length, 1]);
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
