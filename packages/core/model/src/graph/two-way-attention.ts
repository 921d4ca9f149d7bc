import { insideModule } from '../site.js';
import { turned } from './attention.js';
import { headsOutput } from './attention-heads.js';
import type { AttentionShape } from './attention-shape.js';
import type { Value } from './graph-builder.js';
import type { Building } from './module.js';
import type { Rotary } from './rotary.js';
import type { TokenInputs } from './token-inputs.js';
import { twoWayPattern } from './two-way-pattern.js';

/** What is added to the products of queries and keys, [batch, 1, sequence, sequence]: 0, or so little that a key is not seen. */
export type AttentionMask = Value;

/** Far below any product of queries and keys, so that its share behind the softmax is 0. */
const unseen = -1e30;

/**
 * Every token of a text sees all others, or those no further than `reach` positions away. Texts of a batch are padded on the right: padding is seen by
 * nobody.
 */
export function twoWayMask(b: Building, inputs: TokenInputs, reach?: number): AttentionMask {
  const { graph } = b;
  const whole = (n: number) => graph.numbers(`scalar.${n}`, BigInt64Array.of(BigInt(n)), []);
  const length = graph.node('Gather', [inputs.grid, whole(1)], { axis: 0 });
  const places = graph.node('Range', [whole(0), length, whole(1)]);
  const last = graph.node('Reshape', [graph.node('Cast', [inputs.lastKey], { to: 7 }), graph.shape([-1, 1, 1, 1])]);
  let seen = graph.node('LessOrEqual', [places, last]);
  if (reach !== undefined) {
    const apart = graph.node('Abs', [graph.node('Sub', [graph.node('Unsqueeze', [places, graph.shape([1])]), places])]);
    seen = graph.node('And', [seen, graph.node('LessOrEqual', [apart, whole(reach)])]);
  }
  const number = (n: number) => graph.numbers(`number.${n}`, Float32Array.of(n), []);
  const added = graph.node('Where', [seen, number(0), number(unseen)]);
  const [batch, sequence] = [0, 1].map((at) => graph.node('Gather', [inputs.grid, graph.shape([at])], { axis: 0 }));
  return graph.node('Expand', [
    added,
    graph.node('Concat', [batch, graph.shape([1]), sequence, sequence], { axis: 0 }),
  ]);
}

/** The shape of one block's attention over whole texts. */
export interface TwoWayShape
  extends Pick<AttentionShape, 'module' | 'heads' | 'headSize' | 'output' | 'contextLength'> {
  mask: AttentionMask;
}

/** Attention over whole texts. Queries, keys and values are [rows, heads x headSize], and so is the result, a site of the attention's module. */
export function twoWayAttention(
  b: Building,
  inputs: TokenInputs,
  { query, key, value }: { query: Value; key: Value; value: Value },
  form: TwoWayShape,
  rotary?: Rotary,
): Value {
  const { graph } = b;
  const { module, heads, headSize, mask } = form;
  const width = heads * headSize;
  const grid = (x: Value): Value => {
    const y = graph.node('Reshape', [x, graph.node('Concat', [inputs.grid, graph.shape([width])], { axis: 0 })]);
    if (!rotary || x === value) return y;
    return turned(b, inputs, module, rotary.rotate(b, y, heads), x === query ? 'query' : 'key', width);
  };
  const parts = { query: grid(query), key: grid(key), value: grid(value) };
  twoWayPattern(b, inputs, { ...form, ...parts });
  const seen = graph.node('MultiHeadAttention', [parts.query, parts.key, parts.value, '', '', mask], {
    num_heads: heads,
    scale: { float: headSize ** -0.5 },
  });
  const flat = graph.node('Reshape', [seen, graph.shape([-1, width])]);
  const z = graph.site(insideModule(module, 'z'), 'z', width, flat);
  headsOutput(b, form, z);
  return z;
}
