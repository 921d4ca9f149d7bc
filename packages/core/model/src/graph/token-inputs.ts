import type { GraphBuilder, Value } from './graph-builder.js';

/** What the graph is told about the tokens it runs. */
export interface TokenInputs {
  /** int64 [batch x sequence]. */
  ids: Value;
  /** int64 [batch x sequence]: places in the text, from 0. */
  positions: Value;
  /** int32 [batch]: keys in each row's cache after this run, less one. */
  lastKey: Value;
  /** int32 []: the longest row after this run. */
  longest: Value;
  /** int64 [2]: batch and sequence. */
  grid: Value;
}

/** Adds the inputs of every graph of ours. */
export function tokenInputs(graph: GraphBuilder): TokenInputs {
  const idGrid = graph.input('input_ids', 'int64', ['batch', 'sequence']);
  const positionGrid = graph.input('position_ids', 'int64', ['batch', 'sequence']);
  const lastKey = graph.input('seqlens_k', 'int32', ['batch']);
  const longest = graph.input('total_sequence_length', 'int32', []);
  const flat = graph.shape([-1]);
  return {
    ids: graph.node('Reshape', [idGrid, flat]),
    positions: graph.node('Reshape', [positionGrid, flat]),
    lastKey,
    longest,
    grid: graph.node('Shape', [idGrid]),
  };
}
