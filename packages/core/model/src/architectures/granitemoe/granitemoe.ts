import type { Config } from '../../checkpoint/config.js';
import { readGraniteFacts } from '../granite/granite.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { readMixture } from '../llama/mixture-facts.js';

/** What files call what the module has. */
const names: [RegExp, string][] = [
  [/\.router\.weight$/, '.router.layer.weight'],
  [/\.experts\.gate_up_proj$/, '.input_linear.weight'],
  [/\.experts\.down_proj$/, '.output_linear.weight'],
];

/** Granite 3's mixtures of experts (IBM 2024). */
export const graniteMoe = {
  ...llamaKind('Granite-MoE', ['granitemoe'], (config: Config) => {
    const facts = readGraniteFacts(config);
    const every = facts.windows.map(() => true);
    return {
      ...facts,
      mixture: readMixture(config, every, {
        ...{ experts: 8, chosen: 2, inner: facts.feedForward, module: 'block_sparse_moe' },
        router: { name: 'router', bias: false },
      }),
    };
  }),
  otherName(name: string) {
    const found = names.find(([own]) => own.test(name));
    return found && name.replace(...found);
  },
};
