import type { Config } from '../../checkpoint/config.js';
import { activationName } from '../../graph/activation.js';
import type { NormForm } from '../../graph/norm.js';
import { type RotaryFrequencies, readRotaryByWindow } from '../../graph/rotary-frequencies.js';
import type { ModelFacts } from '../architecture.js';
import { attentionBiases, type LlamaFacts, readLlamaFacts, readSoftcap } from '../llama/llama-facts.js';
import { readWindow, readWindows, slidingBlocks } from '../llama/windows.js';

/** What Gemma 4's language model is made of. */
export interface Gemma4Facts extends ModelFacts {
  heads: number;
  blocks: Gemma4Block[];
  activation: string;
  norm: NormForm;
  biases: LlamaFacts['biases'];
  /** The angles of blocks whose window slides, and of all others. */
  rotary: { full: RotaryFrequencies; sliding: RotaryFrequencies };
  /** Numbers that every block has of each token beside the residual stream; absent: none. */
  perLayer?: { width: number; entries: number };
  /** Experts beside every feed-forward. */
  experts?: { experts: number; chosen: number; inner: number };
  logitSoftcap?: number;
}

/** Where blocks differ. */
export interface Gemma4Block {
  sliding: boolean;
  window?: number;
  headSize: number;
  keyValueHeads: number;
  /** The earlier block whose keys and values it attends to; absent: its own. */
  keysOf?: number;
  /** Its values are made of the keys' product. */
  valuesOfKeys: boolean;
  feedForward: number;
}

/** What holds where config.json is silent. */
interface Silent {
  contextLength: number;
  window: number;
}

/** Reads config.json with the defaults of transformers' Gemma4TextConfig. */
export const readGemma4 = (config: Config): Gemma4Facts => ({
  ...readPlainGemma4(config, { contextLength: 131_072, window: 512 }),
  perLayer: readPerLayer(config, config.integer('vocab_size')),
  experts: readExperts(config),
});

/** One without inputs of blocks' own and without experts, by default as transformers' Gemma4UnifiedTextConfig. */
export function readPlainGemma4(
  config: Config,
  silent: Silent = { contextLength: 262_144, window: 1024 },
): Gemma4Facts {
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 4, headSize: 256, contextLength: silent.contextLength, tied: true },
    biases: attentionBiases(config),
    // Read below, of two head sizes.
    rotary: false,
  });
  const blocks = readBlocks(config, facts, silent.window);
  const sizeOf = (sliding: boolean) => blocks.find((block) => block.sliding === sliding)?.headSize ?? facts.headSize;
  const { hiddenSize, heads, vocabularySize, contextLength, biases, norm, tied } = facts;
  return {
    ...{ hiddenSize, heads, vocabularySize, contextLength, biases, norm, tied, blocks },
    activation: activationName(config, ['hidden_activation'], 'gelu_pytorch_tanh'),
    rotary: readRotaryByWindow(
      config,
      { full: sizeOf(false), sliding: sizeOf(true) },
      contextLength,
      { full: { proportional: true }, sliding: { proportional: true } },
      { full_attention: { rope_type: 'proportional', partial_rotary_factor: 0.25, rope_theta: 1_000_000 } },
    ),
    logitSoftcap: readSoftcap(config, 'final_logit_softcapping'),
  };
}

function readBlocks(config: Config, facts: LlamaFacts, silentWindow: number): Gemma4Block[] {
  const count = facts.windows.length;
  const usual = (block: number) => (block + 1) % 6 !== 0;
  // The last block sees all, whatever is written of it.
  const sliding = slidingBlocks(config, facts, usual).map((slides, i) => slides && i < count - 1);
  const windows = readWindows(config, facts, readWindow(config, silentWindow), usual);
  const wide = config.boolean('use_double_wide_mlp', false);
  const valuesOfKeys = config.boolean('attention_k_eq_v', false);
  const first = count - readShared(config, sliding);
  const heads = readHeads(config, facts, sliding, valuesOfKeys);
  return sliding.map((slides, i) => ({
    sliding: slides,
    window: slides ? windows[i] : undefined,
    ...heads[i],
    keysOf: i < first ? undefined : sliding.lastIndexOf(slides, first - 1),
    valuesOfKeys: valuesOfKeys && !slides,
    feedForward: facts.feedForward * (wide && i >= first ? 2 : 1),
  }));
}

/** How many of the last blocks have no keys and values of their own. */
function readShared(config: Config, sliding: readonly boolean[]): number {
  const field = 'num_kv_shared_layers';
  const shared = countOf(config, field, 0);
  const own = sliding.slice(0, -shared || undefined);
  if (shared >= sliding.length || sliding.some((slides) => !own.includes(slides)))
    config.refuse(field, 'and no block before these has keys and values of each kind that they attend to');
  return shared;
}

/** Of each block the size of its heads, and how many have keys and values: as per_layer_config says, or, in older files, by the kind of block. */
function readHeads(
  config: Config,
  { heads, headSize, keyValueHeads }: LlamaFacts,
  sliding: readonly boolean[],
  valuesOfKeys: boolean,
): Pick<Gemma4Block, 'headSize' | 'keyValueHeads'>[] {
  const written = config.section('per_layer_config');
  const global = config.integer('global_head_dim', 512);
  const globalHeads = config.integer('num_global_key_value_heads', keyValueHeads);
  const found = sliding.map((slides, i) => {
    if (!written)
      return {
        headSize: slides ? headSize : global,
        keyValueHeads: slides || !valuesOfKeys ? keyValueHeads : globalHeads,
      };
    const own = written.section(String(i)) ?? config.empty();
    const other = own.fields().find((field) => field !== 'head_dim' && field !== 'num_key_value_heads');
    if (other) own.refuse(other, 'and what can differ from block to block is head_dim and num_key_value_heads');
    return {
      headSize: own.integer('head_dim', headSize),
      keyValueHeads: own.integer('num_key_value_heads', keyValueHeads),
    };
  });
  const field = written ? 'per_layer_config' : 'num_global_key_value_heads';
  for (const [i, each] of found.entries()) {
    if (heads % each.keyValueHeads !== 0) config.refuse(field, `and num_attention_heads ${heads} is no multiple of it`);
    const like = found[sliding.indexOf(sliding[i])];
    if (each.headSize !== like.headSize || each.keyValueHeads !== like.keyValueHeads)
      config.refuse(field, 'and blocks of one kind have heads of one size, and as many of them');
  }
  return found;
}

function readPerLayer(config: Config, vocabularySize: number): Gemma4Facts['perLayer'] {
  const field = 'hidden_size_per_layer_input';
  const width = config.isNull(field) ? 0 : countOf(config, field, 256);
  if (width === 0) return undefined;
  const entries = config.integer('vocab_size_per_layer_input', 262_144);
  if (entries < vocabularySize)
    config.refuse(
      'vocab_size_per_layer_input',
      `and every token of the vocab_size ${vocabularySize} has an entry there`,
    );
  return { width, entries };
}

function readExperts(config: Config): Gemma4Facts['experts'] {
  if (!config.boolean('enable_moe_block', false)) return undefined;
  const experts = config.integer('num_experts');
  const chosen = config.integer('top_k_experts');
  if (chosen > experts) config.refuse('top_k_experts', `and there are ${experts} experts`);
  return { experts, chosen, inner: config.integer('moe_intermediate_size') };
}

/** A whole number of 0 or more. */
const countOf = (config: Config, field: string, otherwise: number): number =>
  config.raw(field) === 0 ? 0 : config.has(field) ? config.integer(field) : otherwise;
