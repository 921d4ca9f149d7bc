import type { CachePart } from '../graph/block-cache.js';
import { type AskedSites, createGraphBuilder, type Graph } from '../graph/graph-builder.js';
import { finiteReadout, readout, targetReadout } from '../graph/readout.js';
import { tokenInputs } from '../graph/token-inputs.js';
import type { Checkpoint } from './checkpoint.js';

/** A checkpoint's whole graph: from tokens to logits, log probabilities and entropies, with a cache of keys and values; of an encoder from whole texts to hidden states. */
export interface CheckpointGraph {
  graph: Graph;
  caches: CachePart[][];
}

/**
 * Builds the graph; needs the tensors' names and shapes only. `head_rows`, int64 [rows], chooses the rows of
 * batch x sequence for which logits are computed, and of an encoder those whose sites are given.
 *
 * @param asked sites that somebody wants
 * @param targets whether the graph gives the log probabilities of given tokens, and nothing else of its logits
 */
export function buildCheckpointGraph(
  { architecture, facts, tensors }: Checkpoint,
  asked: AskedSites = {},
  targets = false,
): CheckpointGraph {
  const builder = createGraphBuilder(asked);
  const building = { graph: builder, tensors };
  const caches: CachePart[][] = [];
  const inputs = tokenInputs(builder);
  const hidden = architecture.body(building, facts, inputs, caches);
  builder.enterLayer('final');
  const rows = builder.input('head_rows', 'int64', ['rows']);
  if (architecture.encoder) {
    architecture.encoder.head(building, facts, hidden, rows);
    finiteReadout(builder, hidden);
    return { graph: builder.graph, caches };
  }
  const logits = architecture.head!(building, facts, builder.node('Gather', [hidden, rows], { axis: 0 }));
  if (targets) targetReadout(builder, logits);
  else readout(builder, logits, facts.vocabularySize);
  return { graph: builder.graph, caches };
}
