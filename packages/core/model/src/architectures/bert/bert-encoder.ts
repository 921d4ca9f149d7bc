import type { Config } from '../../checkpoint/config.js';
import { activation } from '../../graph/activation.js';
import type { Value } from '../../graph/graph-builder.js';
import { type MaskedHeadNames, maskedHead } from '../../graph/masked-head.js';
import { type Building, embedding, linear } from '../../graph/module.js';
import { type NormForm, norm } from '../../graph/norm.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { twoWayAttention, twoWayMask } from '../../graph/two-way-attention.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';

/** What the encoders of BERT's kind are made of. */
export interface BertFacts extends ModelFacts {
  blocks: number;
  heads: number;
  feedForward: number;
  activation: string;
  epsilon: number;
  /** Kinds of segments, of which a text has the first alone; none where there are no such embeddings (DistilBERT). */
  segments?: number;
  /** Rows of the table of positions. */
  positions: number;
  /** Numbers of an embedding, where these are projected to the hidden size and the head's logits come of as many (ELECTRA). */
  embeddingWidth?: number;
  /** Of the head, where it is not that of the blocks. */
  headActivation?: string;
  /** RoBERTa's id of padding: positions are counted from behind it, and that token has none. */
  padding?: number;
}

/** The modules of a block, after its path, and of the rest, as the family calls them. */
export interface BertNames {
  base: string;
  blocks: string;
  /** Of attention: what its inner sites are named after. */
  module: string;
  query: string;
  key: string;
  value: string;
  output: string;
  outputNorm: string;
  up: string;
  activation: string;
  down: string;
  downNorm: string;
  head: MaskedHeadNames;
}

/** Why nothing is generated from an encoder, as the end of a sentence. */
export const encoderReads = 'it is an encoder, whose tokens see those behind them too';

/** Refuses what turns an encoder into a decoder. */
export function refuseDecoders(config: Config): void {
  for (const field of ['is_decoder', 'add_cross_attention'])
    if (config.boolean(field, false)) config.refuse(field, 'and of this family encoders are built');
  if (config.text('position_embedding_type', 'absolute') !== 'absolute')
    config.refuse('position_embedding_type', 'and absolute positions are built');
}

/** An encoder of BERT's kind: norms behind attention and feed-forward, learned positions. */
export function bertKind(
  name: string,
  modelTypes: string[],
  names: BertNames,
  read: (config: Config) => BertFacts,
): Architecture<BertFacts> {
  return {
    name,
    modelTypes,
    base: names.base,
    embeddingTensor: 'embeddings.word_embeddings.weight',
    // As the first files have it.
    otherName: (name) =>
      name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta'),
    read,
    body: (b, facts, inputs) => body(b, facts, names, inputs),
    encoder: { readOnly: encoderReads, headTensor: `${names.head.decoder}.weight`, head },
  };

  function head(b: Building, facts: BertFacts, hidden: Value, rows: Value): void {
    const {
      hiddenSize: width,
      embeddingWidth = width,
      vocabularySize,
      tied,
      headActivation = facts.activation,
    } = facts;
    maskedHead(
      b,
      {
        ...{
          names: names.head,
          width,
          inner: embeddingWidth,
          vocabularySize,
          activation: headActivation,
          norm: normForm(facts),
        },
        ...{ denseBias: true, decoderBias: true },
        ...(tied && { tied: `${names.base}embeddings.word_embeddings.weight` }),
      },
      hidden,
      rows,
    );
  }
}

const normForm = ({ epsilon }: BertFacts): NormForm => ({ by: 'deviation', epsilon, bias: true });

function body(b: Building, facts: BertFacts, names: BertNames, inputs: TokenInputs): Value {
  const { graph } = b;
  const { hiddenSize: width, blocks } = facts;
  graph.enterLayer('embeddings');
  let x = embeddings(b, facts, `${names.base}embeddings`, inputs);
  if (facts.embeddingWidth !== undefined)
    x = linear(b, `${names.base}embeddings_project`, x, { from: facts.embeddingWidth, to: width, bias: true });
  const mask = twoWayMask(b, inputs);
  for (let i = 0; i < blocks; i++) {
    graph.enterLayer(blockLayer(i, blocks));
    const path = `${names.base}${names.blocks}.${i}`;
    const product = (own: string, y: Value, from: number, to: number) =>
      linear(b, `${path}.${own}`, y, { from, to, bias: true });
    const joined = (own: string, y: Value, residual: Value) =>
      norm(b, `${path}.${own}`, graph.node('Add', [y, residual]), width, normForm(facts));
    const [query, key, value] = [names.query, names.key, names.value].map((own) => product(own, x, width, width));
    const form = {
      ...{ module: `${path}.${names.module}`, heads: facts.heads, headSize: width / facts.heads, mask },
      ...{ output: { path: `${path}.${names.output}`, width }, contextLength: facts.contextLength },
    };
    const seen = twoWayAttention(b, inputs, { query, key, value }, form);
    const middle = joined(names.outputNorm, product(names.output, seen, width, width), x);
    const wide = product(names.up, middle, width, facts.feedForward);
    const active = activation(b, `${path}.${names.activation}`, facts.activation, wide, facts.feedForward);
    x = graph.site(
      path,
      'block',
      width,
      joined(names.downNorm, product(names.down, active, facts.feedForward, width), middle),
    );
  }
  return x;
}

function embeddings(b: Building, facts: BertFacts, path: string, inputs: TokenInputs): Value {
  const { graph } = b;
  const { embeddingWidth: width = facts.hiddenSize } = facts;
  let x = embedding(b, `${path}.word_embeddings`, inputs.ids, facts.vocabularySize, width);
  if (facts.segments !== undefined) {
    const first = graph.node('Sub', [inputs.ids, inputs.ids]);
    x = graph.node('Add', [x, embedding(b, `${path}.token_type_embeddings`, first, facts.segments, width)]);
  }
  const places = facts.padding === undefined ? inputs.positions : placesBehind(b, inputs, facts.padding);
  x = graph.node('Add', [x, embedding(b, `${path}.position_embeddings`, places, facts.positions, width)]);
  return norm(b, `${path}.LayerNorm`, x, width, normForm(facts));
}

/** Each token's number among those of its text that are not `padding`, plus `padding`; `padding` for that token itself. */
function placesBehind(b: Building, { ids, grid }: TokenInputs, padding: number): Value {
  const { graph } = b;
  const whole = (n: number) => graph.numbers(`scalar.${n}`, BigInt64Array.of(BigInt(n)), []);
  const counted = graph.node('Cast', [graph.node('Not', [graph.node('Equal', [ids, whole(padding)])])], { to: 7 });
  const rows = graph.node('Reshape', [counted, grid]);
  const sums = graph.node('Reshape', [graph.node('CumSum', [rows, whole(1)]), graph.shape([-1])]);
  return graph.node('Add', [graph.node('Mul', [sums, counted]), whole(padding)]);
}
