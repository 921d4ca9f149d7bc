import type { Config } from '../../checkpoint/config.js';
import type { CachePart } from '../../graph/block-cache.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { type Building, embedding } from '../../graph/module.js';
import { norm } from '../../graph/norm.js';
import { createRotary } from '../../graph/rotary.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { type Architecture, blockLayer } from '../architecture.js';
import { oldLanguageHead, readLanguageModel } from '../llama/language-model-of.js';
import { llamaEmbeddingTensor, softcapped } from '../llama/llama-decoder.js';
import { gemma4Block, type Run } from './gemma4-block.js';
import { type Gemma4Facts, readGemma4, readPlainGemma4 } from './gemma4-facts.js';
import { perLayerInputs } from './per-layer-inputs.js';

/**
 * Gemma 4's language model (Google 2026): blocks that slide and blocks that do not, with heads of two sizes; later blocks may attend to the keys and
 * values of earlier ones; every block may have numbers of its own for each token, and experts beside its feed-forward.
 */
export const gemma4 = gemma4Kind('Gemma 4', 'gemma4_text', readGemma4, 'model.');

/** That of Gemma 4 12B. */
export const gemma4Unified = gemma4Kind(
  'Gemma 4',
  'gemma4_unified_text',
  (config) => readPlainGemma4(config),
  'model.',
);

/** Those of Gemmas 4 that read images and hear too. */
export const gemma4WithImages = languageModelOf('gemma4', gemma4);
export const gemma4UnifiedWithImages = languageModelOf('gemma4_unified', gemma4Unified);

function languageModelOf(modelType: string, inner: Architecture<Gemma4Facts>): Architecture<Gemma4Facts> {
  const read = (config: Config) => readLanguageModel(config, [inner], { tied: true });
  return {
    ...gemma4Kind('Gemma 4 (language model alone)', modelType, read, 'model.language_model.'),
    oldHead: oldLanguageHead,
  };
}

function gemma4Kind(
  name: string,
  modelType: string,
  read: (config: Config) => Gemma4Facts,
  base: string,
): Architecture<Gemma4Facts> {
  return {
    ...{ name, modelTypes: [modelType], base, embeddingTensor: llamaEmbeddingTensor, read },
    body: (b, facts, inputs, caches) => buildBody(b, facts, base, inputs, caches),
    head(b, { tied, hiddenSize: width, vocabularySize, logitSoftcap }, hidden) {
      const logits = languageHead(b, hidden, { tied, embedding: `${base}embed_tokens`, width, vocabularySize });
      return softcapped(b, logits, logitSoftcap);
    },
  };
}

function buildBody(b: Building, facts: Gemma4Facts, base: string, inputs: TokenInputs, caches: CachePart[][]): Value {
  const { graph } = b;
  const { hiddenSize: width, blocks, vocabularySize } = facts;
  graph.enterLayer('embeddings');
  let x = embedding(b, `${base}embed_tokens`, inputs.ids, vocabularySize, width, Math.fround(Math.sqrt(width)));
  const perLayer = perLayerInputs(b, facts, base, inputs, x);
  const [full, sliding] = [facts.rotary.full, facts.rotary.sliding].map((each) => createRotary(b, inputs, each));
  const run: Run = { inputs, caches, rotary: { full, sliding }, perLayer, keys: new Map() };
  for (let i = 0; i < blocks.length; i++) {
    graph.enterLayer(blockLayer(i, blocks.length));
    x = gemma4Block(b, facts, `${base}layers.${i}`, i, run, x);
  }
  graph.enterLayer('final');
  return norm(b, `${base}norm`, x, width, facts.norm);
}
