import { llamaKind } from '../llama/llama-decoder.js';
import { noBiases, readLlamaFacts } from '../llama/llama-facts.js';
import { readMixture } from '../llama/mixture-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/** Names of one expert's matrices in files. */
const matrices: Record<string, string> = { gate_proj: 'w1', up_proj: 'w3', down_proj: 'w2' };

/** Mixtral (Jiang et al. 2024, arXiv 2401.04088): Mistral with eight feed-forwards, of which every token is given to two. */
export const mixtral = {
  ...llamaKind('Mixtral', ['mixtral'], (config) => {
    const facts = readLlamaFacts(config, {
      ...{ keyValueHeads: 8, contextLength: 131072, theta: 1_000_000, epsilon: 1e-5, biases: noBiases },
    });
    const window = config.has('sliding_window') ? readWindow(config, facts.contextLength) : undefined;
    const every = facts.windows.map(() => true);
    return {
      ...facts,
      windows: readWindows(config, facts, window, () => window !== undefined),
      mixture: readMixture(config, every, { experts: 8, chosen: 2, inner: facts.feedForward }),
    };
  }),
  otherName: (name: string) =>
    name.includes('.mlp.')
      ? name
          .replace('.mlp.', '.block_sparse_moe.')
          .replace(/(gate_proj|up_proj|down_proj)(?=\.weight$)/, (matrix) => matrices[matrix])
      : undefined,
};
