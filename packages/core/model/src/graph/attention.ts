import { insideModule } from '../site.js';
import { attentionPattern, headsOutput } from './attention-heads.js';
import type { AttentionShape } from './attention-shape.js';
import type { CachePart } from './block-cache.js';
import type { Value } from './graph-builder.js';
import type { Building } from './module.js';
import type { Rotary } from './rotary.js';
import type { TokenInputs } from './token-inputs.js';

/** What attends and is attended to. */
export interface AttentionParts {
  query: Value;
  key: Value;
  value: Value;
  /** Added to the scaled products: [1, heads, sequence, keys]. */
  bias?: Value;
  /** [heads]: one more product for each head's softmax, whose value is nothing. */
  sinks?: Value;
  /** As wide as queries: what heads give is multiplied by its sigmoid. */
  gate?: Value;
}

/**
 * Causal attention over the cache of transformer block `index` and this run's keys and values, which join the cache in place
 * where past and present are the same memory. Queries are [rows, heads x headSize], keys and values [rows, keyValueHeads ×
 * headSize]; the result is as wide as the queries. Rows of a batch are padded on the right and see only themselves.
 */
export function attention(
  b: Building,
  index: number,
  inputs: TokenInputs,
  { query, key, value, bias, sinks, gate }: AttentionParts,
  form: AttentionShape,
  caches: CachePart[][],
  rotary?: Rotary,
): Value {
  const { graph } = b;
  const { heads, keyValueHeads, headSize } = form;
  // The kernel takes heads of a multiple of 8; zeros added to both sides of a product change nothing.
  const held = Math.ceil(headSize / 8) * 8;
  const grid = (x: Value, n: number): Value => {
    let y = graph.node('Reshape', [x, gridShape(b, inputs, [n * headSize])]);
    if (rotary && x !== value)
      y = turned(b, inputs, form.module, rotary.rotate(b, y, n), x === query ? 'query' : 'key', n * headSize);
    if (held === headSize) return y;
    const split = graph.node('Reshape', [y, gridShape(b, inputs, [n, headSize])]);
    const padding = [0, 0, 0, 0, 0, 0, 0, held - headSize];
    const padded = graph.node('Pad', [split, graph.shape(padding)]);
    return graph.node('Reshape', [padded, gridShape(b, inputs, [n * held])]);
  };
  const cacheDims = ['batch', keyValueHeads, 'capacity', held];
  const past = ['key', 'value'].map((part) => graph.input(`past.${index}.${part}`, 'float32', cacheDims));
  const attributes: Record<string, number | { float: number }> = {
    num_heads: heads,
    kv_num_heads: keyValueHeads,
    scale: { float: form.scale },
  };
  if (form.window !== undefined) attributes.local_window_size = form.window;
  if (form.softcap !== undefined) attributes.softcap = { float: form.softcap };
  const pattern = attentionPattern(b, inputs, form);
  const extra = sinks ? ['', '', '', bias ?? '', sinks] : bias ? ['', '', '', bias] : [];
  const joining = [grid(key, keyValueHeads), grid(value, keyValueHeads)];
  const [result, ...present] = graph.nodes(
    'GroupQueryAttention',
    [grid(query, heads), ...joining, ...past, inputs.lastKey, inputs.longest, ...extra],
    pattern ? 4 : 3,
    { ...attributes, ...pattern?.attributes },
  );
  pattern?.build(present.pop()!);
  ['key', 'value'].forEach((part, i) => {
    graph.output(`present.${index}.${part}`, present[i], 'float32', cacheDims);
  });
  caches[index] = ['key', 'value'].map((part) => ({
    name: `${index}.${part}`,
    dims: [keyValueHeads, 'capacity', held],
  }));
  let own = result;
  if (held !== headSize) {
    const split = graph.node('Reshape', [result, graph.shape([-1, heads, held])]);
    own = graph.node('Slice', [split, graph.shape([0]), graph.shape([headSize]), graph.shape([2])]);
  }
  const width = heads * headSize;
  let flat = graph.node('Reshape', [own, graph.shape([-1, width])]);
  if (gate) flat = graph.node('Mul', [flat, graph.node('Sigmoid', [gate])]);
  const z = graph.site(insideModule(form.module, 'z'), 'z', width, flat);
  headsOutput(b, form, z);
  return z;
}

/** Queries or keys behind their rotation, [batch, sequence, width], which are a site where somebody asks for it. */
export function turned(
  b: Building,
  inputs: TokenInputs,
  module: string,
  x: Value,
  kind: 'query' | 'key',
  width: number,
): Value {
  const { graph } = b;
  const name = insideModule(module, `rot_${kind[0]}`);
  if (!graph.offers(name, kind, width)) return x;
  const site = graph.site(name, kind, width, graph.node('Reshape', [x, graph.shape([-1, width])]));
  return graph.node('Reshape', [site, gridShape(b, inputs, [width])]);
}

/** Queries or keys [rows, heads x headSize], turned by position, where something else follows before attention. */
export function turnedHeads(
  b: Building,
  inputs: TokenInputs,
  x: Value,
  heads: number,
  headSize: number,
  rotary: Rotary,
): Value {
  const grid = b.graph.node('Reshape', [x, gridShape(b, inputs, [heads * headSize])]);
  return b.graph.node('Reshape', [rotary.rotate(b, grid, heads), b.graph.shape([-1, heads * headSize])]);
}

/** [batch, sequence, …rest] as a shape for Reshape; onnxruntime merges those that are alike. */
function gridShape(b: Building, inputs: TokenInputs, rest: number[]): Value {
  return b.graph.node('Concat', [inputs.grid, b.graph.shape(rest)], { axis: 0 });
}
