import { splitSites } from '../../graph/inside-block.js';
import { splitByGroup } from '../../graph/joined-projection.js';
import { linear } from '../../graph/module.js';
import { gptJKind } from '../gptj/gptj-decoder.js';

/** Processors that CodeGen was trained on, each with a quarter of the heads: the joined product has one after the other. */
const groups = 4;

/** CodeGen (Nijkamp et al. 2022, arXiv 2203.13474): GPT-J with queries, values and keys, in this order, from one product. */
export const codeGen = gptJKind(
  'CodeGen',
  ['codegen'],
  (b, { hiddenSize: width }, path, x) => {
    const joined = linear(b, `${path}.qkv_proj`, x, { from: width, to: 3 * width, bias: false });
    const size = width / groups;
    const [first, second, third] = splitByGroup(b, joined, groups, [size, size, size]);
    const [query, key, value] = splitSites(b, path, [first, third, second], [width, width, width]);
    return { query, key, value };
  },
  (config, { heads }) => {
    if (heads % groups !== 0) config.refuse('n_head', `and CodeGen's heads come in ${groups} groups`);
  },
);
