import { llamaKind } from '../llama/llama-decoder.js';
import { attentionBiases, readLlamaFacts } from '../llama/llama-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/** SmolLM3 (Hugging Face 2025): Llama whose every fourth block does not turn queries and keys by position (NoPE; Yang et al. 2025, arXiv 2501.18795). */
export const smolLm3 = llamaKind('SmolLM3', ['smollm3'], (config) => {
  const facts = readLlamaFacts(config, {
    keyValueHeads: 4,
    contextLength: 32768,
    theta: 2_000_000,
    tied: true,
    biases: { ...attentionBiases(config), feedForward: config.boolean('mlp_bias', false) },
  });
  const blocks = facts.windows.length;
  const every = config.integer('no_rope_layer_interval', 4);
  const listed = config.raw('no_rope_layers');
  const isListed = Array.isArray(listed) && listed.length >= blocks && listed.every((one) => one === 0 || one === 1);
  if (listed !== undefined && listed !== null && !isListed)
    config.refuse('no_rope_layers', `and has to be a list of 0 and 1 with an entry for each of the ${blocks} blocks`);
  // In the list 1 stands for a block that turns them.
  const rotated = facts.windows.map((_, i) => (isListed ? listed[i] === 1 : (i + 1) % every !== 0));
  const slides = config.boolean('use_sliding_window', false);
  const window = readWindow(config, facts.contextLength);
  return {
    ...facts,
    rotated,
    // Where layer_types says which slide, they do whatever use_sliding_window says.
    windows: readWindows(config, facts, window, (i) => slides && window !== undefined && !rotated[i]),
  };
});
