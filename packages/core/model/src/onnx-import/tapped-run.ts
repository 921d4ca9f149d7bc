import { type InferenceSession, Tensor } from '@galvani/onnx';
import { type Interventions, interventionsOf } from '../forward/interventions.js';
import { interventionInputs } from '../graph/intervention.js';
import type { ImportedSite } from './imported-site.js';
import { interventionDims } from './intervened-graph.js';
import { positionsInput, rowsInput } from './tap-graph.js';
import { isShared } from './tensor-layout.js';

/** Where, in texts [rows x columns] that are run, a token is whose activations are wanted. */
export interface Place {
  row: number;
  column: number;
}

/** Some columns of all rows, row after row. */
export const placesOf = (rows: number, columns: readonly number[]): Place[] =>
  Array.from({ length: rows }, (_, row) => columns.map((column) => ({ row, column }))).flat();

/** Feeds of the tapped graph: those of texts of `columns` tokens, and the places whose activations are wanted. */
export function activationFeeds(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  columns: number,
  places: readonly Place[],
): Record<string, Tensor> {
  const more: Record<string, Tensor> = { ...feeds };
  const indices = (numbers: number[]) => new Tensor('int64', BigInt64Array.from(numbers, BigInt), [numbers.length]);
  const asks = (name: string) => session.inputNames.includes(name);
  if (asks(positionsInput)) more[positionsInput] = indices(places.map(({ column }) => column));
  if (asks(rowsInput)) more[rowsInput] = indices(places.map(({ row, column }) => row * columns + column));
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
    const own = isShared(site.tap.layout) ? rows.slice(0, 1) : rows;
    const { scale, offset } = interventionsOf(site, given, own);
    feeds[names.scale] = new Tensor('float32', scale, dims);
    feeds[names.offset] = new Tensor('float32', offset, dims);
  }
  return feeds;
}

/** Feed of the tokens [rows] of [positions] whose log probabilities are wanted. */
export function targetFeed(tokens: readonly Int32Array[]): Tensor {
  const ids = BigInt64Array.from(
    tokens.flatMap((own) => [...own]),
    BigInt,
  );
  return new Tensor('int64', ids, [ids.length, 1]);
}
