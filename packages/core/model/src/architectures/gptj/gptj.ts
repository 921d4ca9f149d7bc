import { linear } from '../../graph/module.js';
import { gptJKind } from './gptj-decoder.js';

/** GPT-J (Wang and Komatsuzaki 2021). */
export const gptJ = gptJKind('GPT-J', ['gptj'], (b, { hiddenSize: width }, path, x) => {
  const part = (name: string) => linear(b, `${path}.${name}`, x, { from: width, to: width, bias: false });
  return { query: part('q_proj'), key: part('k_proj'), value: part('v_proj') };
});
