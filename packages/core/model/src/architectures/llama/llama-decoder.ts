import type { Config } from '../../checkpoint/config.js';
import type { CachePart } from '../../graph/block-cache.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { type Building, embedding } from '../../graph/module.js';
import { norm, unnamedNorm } from '../../graph/norm.js';
import { createRotary } from '../../graph/rotary.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { type Architecture, blockLayer } from '../architecture.js';
import { block, type Run, times } from './llama-block.js';
import type { LlamaFacts } from './llama-facts.js';

export const llamaEmbeddingTensor = 'embed_tokens.weight';

/** An architecture of Llama's kind from what is special about it. */
export function llamaKind(
  name: string,
  modelTypes: string[],
  read: (config: Config) => LlamaFacts,
  base = 'model.',
): Architecture<LlamaFacts> {
  return {
    name,
    modelTypes,
    base,
    embeddingTensor: llamaEmbeddingTensor,
    read,
    body: (b, facts, inputs, caches) => buildBody(b, facts, base, inputs, caches),
    head: (b, facts, hidden) => buildHead(b, facts, base, hidden),
  };
}

function buildBody(b: Building, facts: LlamaFacts, base: string, inputs: TokenInputs, caches: CachePart[][]): Value {
  const { graph } = b;
  const { hiddenSize: width, otherRotary } = facts;
  const blocks = facts.windows.length;
  graph.enterLayer('embeddings');
  let x = embedding(b, `${base}embed_tokens`, inputs.ids, facts.vocabularySize, width, facts.embeddingScale);
  x = times(b, x, facts.embeddingMultiplier);
  if (facts.embeddingsNormed) x = unnamedNorm(b, `${base}norm`, x, width, facts.norm);
  const rotary = createRotary(b, inputs, facts.rotary, facts.neighboursTurned);
  const other = otherRotary && createRotary(b, inputs, otherRotary.frequencies);
  const run: Run = { inputs, caches, queryFactor: queryFactor(b, facts, inputs) };
  for (let i = 0; i < blocks; i++) {
    graph.enterLayer(blockLayer(i, blocks));
    x = block(b, facts, `${base}layers.${i}`, i, run, otherRotary?.blocks[i] ? other! : rotary, x);
  }
  graph.enterLayer('final');
  return norm(b, `${base}norm`, x, width, facts.norm);
}

/** What queries are multiplied by at each position, [rows, 1]: 1 + by × ln(1 + ⌊position / every⌋). */
function queryFactor(b: Building, { queryGrowth }: LlamaFacts, inputs: TokenInputs): Value | undefined {
  if (!queryGrowth) return undefined;
  const { graph } = b;
  const number = (n: number) => graph.numbers(`number.${n}`, Float32Array.of(n), []);
  const positions = graph.node('Reshape', [graph.node('Cast', [inputs.positions], { to: 1 }), graph.shape([-1, 1])]);
  const turns = graph.node('Floor', [graph.node('Div', [positions, number(queryGrowth.every)])]);
  const growth = graph.node('Log', [graph.node('Add', [turns, number(1)])]);
  return graph.node('Add', [graph.node('Mul', [growth, number(queryGrowth.by)]), number(1)]);
}

function buildHead(b: Building, facts: LlamaFacts, base: string, hidden: Value): Value {
  const { tied, hiddenSize: width, vocabularySize, logitSoftcap, logitDivisor, logitMultiplier } = facts;
  const logits = languageHead(b, hidden, { tied, embedding: `${base}embed_tokens`, width, vocabularySize });
  if (logitDivisor !== undefined && logitDivisor !== 1) {
    const divisor = b.graph.numbers(`divisor.${logitDivisor}`, Float32Array.of(logitDivisor), []);
    return b.graph.node('Div', [logits, divisor]);
  }
  return logitSoftcap === undefined ? times(b, logits, logitMultiplier) : softcapped(b, logits, logitSoftcap);
}

/** Logits held within a bound, where there is one: bound x tanh(logits / bound). */
export function softcapped(b: Building, logits: Value, bound: number | undefined): Value {
  if (bound === undefined) return logits;
  const cap = b.graph.numbers(`softcap.${bound}`, Float32Array.of(bound), []);
  return b.graph.node('Mul', [b.graph.node('Tanh', [b.graph.node('Div', [logits, cap])]), cap]);
}
