import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';
import { readMixture } from '../llama/mixture-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/** What stands for rope_parameters where config.json has none. */
const absent = {
  ...{ rope_type: 'yarn', factor: 32, beta_fast: 32, beta_slow: 1, truncate: false },
  original_max_position_embeddings: 4096,
};

/** gpt-oss (OpenAI 2025, arXiv 2508.10925): each head may look at nothing, as much as its sink says; gates are bounded. */
export const gptOss = llamaKind('gpt-oss', ['gpt_oss'], (config) => {
  const attention = config.boolean('attention_bias', true);
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 8, headSize: 64, contextLength: 131072, theta: 150_000, epsilon: 1e-5 },
    biases: { queryKeyValue: attention, output: attention, feedForward: false },
    rotary: { absent },
  });
  const window = readWindow(config, 128);
  return {
    ...facts,
    sinks: true,
    windows: readWindows(config, facts, window, (block) => block % 2 === 0),
    mixture: readMixture(
      config,
      facts.windows.map(() => true),
      {
        ...{ experts: 128, chosen: 4, inner: facts.feedForward, layout: 'interleaved' },
        router: { name: 'router', bias: true },
      },
    ),
  };
});
