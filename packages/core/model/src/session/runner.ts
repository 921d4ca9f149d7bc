import { type InferenceSession, Tensor } from '@galvani/onnx';

/** The tokens of one run: [rows, columns], padded on the right. */
export interface RunTokens {
  rows: number;
  columns: number;
  ids: BigInt64Array;
  positions: BigInt64Array;
  /** Keys in each row's cache after the run, less one [rows]. */
  lastKeys: Int32Array;
  /** Rows of rows x columns for which logits are computed. */
  headRows: BigInt64Array;
}

/** Feeds of a run over tokens. */
export function tokenFeeds(tokens: RunTokens): InferenceSession.FeedsType {
  const { rows, columns } = tokens;
  const longest = tokens.lastKeys.reduce((a, b) => Math.max(a, b), 0) + 1;
  return {
    input_ids: new Tensor('int64', tokens.ids, [rows, columns]),
    position_ids: new Tensor('int64', tokens.positions, [rows, columns]),
    seqlens_k: new Tensor('int32', tokens.lastKeys, [rows]),
    total_sequence_length: new Tensor('int32', Int32Array.of(longest), []),
    head_rows: new Tensor('int64', tokens.headRows, [tokens.headRows.length]),
  };
}
