import { testUnitWeights } from './altered-units.js';

/**
 * With those of unit-weights.test.ts, models of every way in which blocks are built: relatives whose blocks have the same operators in
 * the same order are not tried again.
 */
testUnitWeights([
  ...[
    'opt-relu',
    'opt-nobias',
    'gpt2-odd-heads',
    'pythia-sequential',
    'llama-small-heads',
    'qwen3',
    'gemma2',
    'granite',
  ],
  ...['glm', 'phi3', 'cohere', 'stablelm', 'nemotron', 'apertus', 'gpt-neo', 'codegen', 'phi', 'gpt-bigcode'],
  ...[
    'gpt-bigcode-heads',
    'bloom-residual',
    'mpt',
    'falcon',
    'openai-gpt',
    'persimmon',
    'gemma4',
    'gemma4-dense',
    'lfm2',
  ],
]);
