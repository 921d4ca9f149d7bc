import type { Config } from '../checkpoint/config.js';
import type { CachePart } from '../graph/block-cache.js';
import type { Value } from '../graph/graph-builder.js';
import type { Building } from '../graph/module.js';
import type { TokenInputs } from '../graph/token-inputs.js';

/** What is known of a model from its config.json alone. */
export interface ModelFacts {
  vocabularySize: number;
  /** Most positions of prompt and generated tokens together. */
  contextLength: number;
  hiddenSize: number;
  /** Whether config.json makes the head the embedding's table; a checkpoint that holds two different tables has its way. */
  tied: boolean;
}

/** A family of models that can be built as a graph from its checkpoints. */
export interface Architecture<Facts extends ModelFacts = ModelFacts> {
  /** As people write it: `OPT`. */
  name: string;
  /** The values of config.json's model_type that mean this family. */
  modelTypes: string[];
  /** What the module paths of the body start with. */
  base: string;
  /** The token embedding's table, as it is called after `base`. */
  embeddingTensor: string;
  /** The head's table, as transformers names it. Default: lm_head.weight. */
  headTensor?: string;
  /** What older files call it. */
  oldHead?: string;
  /** What files may call a tensor that they do not hold under its module's name; undefined: nothing else. */
  otherName?(name: string): string | undefined;
  /** Reads config.json and refuses what is not built. */
  read(config: Config): Facts;
  /**
   * Adds the body to the graph, sites named as Hugging Face names the modules, and returns the last hidden state
   * [rows, hiddenSize], from which `head` computes the logits of chosen rows.
   */
  body(b: Building, facts: Facts, inputs: TokenInputs, caches: CachePart[][]): Value;
  /** Logits [rows, vocabularySize] of the next token from hidden states of chosen rows; none of an encoder. */
  head?(b: Building, facts: Facts, hidden: Value): Value;
  encoder?: EncoderPart<Facts>;
}

/** What makes a family one that can only be read. */
export interface EncoderPart<Facts> {
  /** Why nothing can be generated from it, as the end of a sentence. */
  readOnly: string;
  /** The table of the head that fills masked tokens in. */
  headTensor: string;
  /** Adds that head, where the file has one: what is before its logits at all positions, the logits of the rows that `rows` chooses. */
  head(b: Building, facts: Facts, hidden: Value, rows: Value): void;
}

/** `Site.layer` of a transformer block, `block-00`: digits as the last block needs, at least two, so that names sort in order. */
export function blockLayer(index: number, blocks: number): string {
  return `block-${String(index).padStart(Math.max(2, String(blocks - 1).length), '0')}`;
}
