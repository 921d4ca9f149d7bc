import type { Architecture } from '../architecture.js';
import { type MambaFacts, mamba } from '../mamba/mamba.js';

/** Falcon Mamba (Zuo et al. 2024, arXiv 2410.05355): Mamba with norms of what tokens choose. */
export const falconMamba: Architecture<MambaFacts> = {
  ...mamba,
  name: 'Falcon Mamba',
  modelTypes: ['falcon_mamba'],
  read(config) {
    const facts = mamba.read(config);
    return {
      ...facts,
      // States know no end; this is what published models were trained on.
      contextLength: 8192,
      shape: {
        ...facts.shape,
        chosenEpsilon: config.number('mixer_rms_eps', 1e-6, { from: 0 }),
      },
    };
  },
};
