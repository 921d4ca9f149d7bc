import type { Config } from '../checkpoint/config.js';

const experts = ['num_local_experts', 'num_experts', 'n_routed_experts', 'moe_num_experts', 'num_experts_per_tok'];
const moreThanText = ['vision_config', 'audio_config', 'speech_config', 'vision_tower', 'audio_encoder'];
/** Fields of models whose input is no text, where `vocab_size` is missing or means something else. */
const images = ['image_size', 'patch_size', 'num_channels'];
const sound = ['num_mel_bins', 'feat_extract_norm', 'conv_kernel', 'sampling_rate', 'audio_channels'];
/** Names of a vocabulary's size, older ones too. */
const vocabularies = ['vocab_size', 'padded_vocab_size', 'n_words', 'n_vocab'];
const recurrent = ['state_size', 'ssm_cfg', 'mamba_d_state', 'time_step_rank', 'linear_conv_kernel_dim', 'lru_width'];

/**
 * What can be said of a model whose family is not built, from its config.json: the end of a sentence, what it is and what can be
 * done. What is said of its ONNX files was tried with exports by torch 2.13 of T5, Mamba, RWKV, CLIP and ViT.
 */
export function describeUnbuilt(config: Config, built: readonly string[]): string {
  const type = config.text('model_type');
  const classes = config.raw('architectures');
  const has = (fields: readonly string[]) => fields.some((field) => config.has(field));
  const all = `the families that are built from checkpoints are ${built.join(', ')}`;
  const not = (what: string, exported = '') => `${what}${exported}. Take another model: ${all}`;
  /** It has no input_ids. */
  const noText = '; an ONNX export of it is not read either';

  const text = config.section('text_config') ?? config.section('llm_config');
  if (text && has(moreThanText)) {
    const inner = text.raw('model_type');
    const known = typeof inner === 'string' && built.includes(inner);
    const own = known
      ? `Its language model is of a family that is built, ${inner}: give a checkpoint of the language model alone, with that model_type`
      : `Take another model: ${all}`;
    return `which reads more than text, and is not taken apart here. ${own}`;
  }
  const named = (pattern: RegExp) => pattern.test(`${type} ${Array.isArray(classes) ? classes.join(' ') : ''}`);
  if (has(sound) && named(/whisper|wav2vec|hubert|speech|audio|wavlm|encodec|sew|unispeech|moonshine/i))
    return not('a model of sound, and galvani presents text', noText);
  if (!has(vocabularies)) {
    const ofImages = images.filter((field) => config.has(field)).length >= 2;
    return ofImages
      ? not('a model of images, and galvani presents text', noText)
      : not('and no model of text: no vocab_size is given');
  }
  if (config.raw('is_encoder_decoder') === true || named(/(^| )(m?t5|umt5|bart|mbart|marian|pegasus|m2m_100)( |$)/))
    return not(
      'a model of two parts, an encoder that reads the prompt and a decoder that continues it, and galvani records models of one',
      '; exported to ONNX, its encoder alone can be given and read (encoder_model.onnx, extraction.mode: read)',
    );
  const routed = experts.some((field) => Number(config.raw(field)) > 0) && config.raw('is_moe') !== false;
  if (routed || named(/moe|dbrx|mixtral/i))
    return not(
      'a mixture of experts of a kind that is not built: which of its units are active differs from token to token',
    );
  if (has(recurrent) || named(/mamba|rwkv|recurrent|retnet|xlstm/i) || hasRecurrentLayers(config))
    return not(
      'a recurrent model: it keeps a state from token to token in place of keys and values',
      '; an ONNX export of it is not read either, where it takes that state or is for texts of one length',
    );
  return `and ${all}; a decoder or an encoder of text of another family can be exported to ONNX, where optimum (\`optimum-cli export onnx\`) knows it, and given as an .onnx file`;
}

/** Whether `layer_types` names layers that are no attention, as of Qwen3-Next. */
function hasRecurrentLayers(config: Config): boolean {
  const types = config.raw('layer_types') ?? config.raw('layers_block_type');
  return Array.isArray(types) && types.some((kind) => /linear_attention|mamba|recurrent|conv/.test(String(kind)));
}
