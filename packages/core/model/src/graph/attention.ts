import { insideModule } from '../site.js';
import { attentionPattern, headsOutput } from './attention-heads.js';
import type { AttentionShape } from './attention-shape.js';
import type { CachePart } from './block-cache.js';
import type { Value } from './graph-builder.js';
import type { Building } from './module.js';
import type { Rotary } from './rotary.js';
import type { TokenInputs } from './token-inputs.js';

/** Keys and values of a run, turned and as the kernel takes them, [batch, sequence, width], and the block whose cache they join. */
export interface HeldKeys {
  block: number;
  key: Value;
  value: Value;
}

/** What attends, and what goes into it besides keys and values. */
export interface AttendingParts {
  query: Value;
  /** Added to the scaled products: [1, heads, sequence, keys]. */
  bias?: Value;
  /** [heads]: one more product for each head's softmax, whose value is nothing. */
  sinks?: Value;
  /** As wide as queries: what heads give is multiplied by its sigmoid. */
  gate?: Value;
}

/** What attends and is attended to. */
export interface AttentionParts extends AttendingParts {
  key: Value;
  value: Value;
}

/** The kernel takes heads of a multiple of 8; zeros added to both sides of a product change nothing. */
const heldSize = (headSize: number) => Math.ceil(headSize / 8) * 8;

/**
 * Causal attention over the cache of transformer block `index` and this run's keys and values, which join the cache in place
 * where past and present are the same memory. Queries are [rows, heads x headSize], keys and values [rows, keyValueHeads ×
 * headSize]; the result is as wide as the queries. Rows of a batch are padded on the right and see only themselves.
 */
export function attention(
  b: Building,
  index: number,
  inputs: TokenInputs,
  { key, value, ...parts }: AttentionParts,
  form: AttentionShape,
  caches: CachePart[][],
  rotary?: Rotary,
): Value {
  const keys = heldKeys(b, index, inputs, { key, value }, form, rotary);
  return attend(b, index, inputs, parts, keys, form, caches, rotary);
}

/** Keys and values [rows, keyValueHeads x headSize] of block `index`, for its own attention and that of blocks that share them. */
export function heldKeys(
  b: Building,
  index: number,
  inputs: TokenInputs,
  { key, value }: { key: Value; value: Value },
  form: AttentionShape,
  rotary?: Rotary,
): HeldKeys {
  const { keyValueHeads } = form;
  return {
    block: index,
    key: kernelHeads(b, inputs, key, keyValueHeads, form, rotary && { rotary, kind: 'key' }),
    value: kernelHeads(b, inputs, value, keyValueHeads, form),
  };
}

/** Heads [rows, n x headSize] as the kernel takes them, turned where `turning` says how. */
function kernelHeads(
  b: Building,
  inputs: TokenInputs,
  x: Value,
  n: number,
  { headSize, module }: AttentionShape,
  turning?: { rotary: Rotary; kind: 'query' | 'key' },
): Value {
  const { graph } = b;
  let y = graph.node('Reshape', [x, gridShape(b, inputs, [n * headSize])]);
  if (turning) y = turned(b, inputs, module, turning.rotary.rotate(b, y, n), turning.kind, n * headSize);
  const held = heldSize(headSize);
  if (held === headSize) return y;
  const split = graph.node('Reshape', [y, gridShape(b, inputs, [n, headSize])]);
  const padding = [0, 0, 0, 0, 0, 0, 0, held - headSize];
  const padded = graph.node('Pad', [split, graph.shape(padding)]);
  return graph.node('Reshape', [padded, gridShape(b, inputs, [n * held])]);
}

/**
 * Causal attention of block `index` over given keys and values, and the cache that they join: the block's own, or that of an earlier block. There they
 * are written once more to where they are already.
 */
export function attend(
  b: Building,
  index: number,
  inputs: TokenInputs,
  { query, bias, sinks, gate }: AttendingParts,
  keys: HeldKeys,
  form: AttentionShape,
  caches: CachePart[][],
  rotary?: Rotary,
): Value {
  const { graph } = b;
  const { heads, keyValueHeads, headSize } = form;
  const held = heldSize(headSize);
  const cacheDims = ['batch', keyValueHeads, 'capacity', held];
  const own = keys.block === index;
  const past = ['key', 'value'].map((part) => {
    const name = `past.${keys.block}.${part}`;
    return own ? graph.input(name, 'float32', cacheDims) : name;
  });
  const attributes: Record<string, number | { float: number }> = {
    num_heads: heads,
    kv_num_heads: keyValueHeads,
    scale: { float: form.scale },
  };
  if (form.window !== undefined) attributes.local_window_size = form.window;
  if (form.softcap !== undefined) attributes.softcap = { float: form.softcap };
  const pattern = attentionPattern(b, inputs, form);
  const extra = sinks ? ['', '', '', bias ?? '', sinks] : bias ? ['', '', '', bias] : [];
  const queries = kernelHeads(b, inputs, query, heads, form, rotary && { rotary, kind: 'query' });
  const [result, ...present] = graph.nodes(
    'GroupQueryAttention',
    [queries, keys.key, keys.value, ...past, inputs.lastKey, inputs.longest, ...extra],
    pattern ? 4 : 3,
    { ...attributes, ...pattern?.attributes },
  );
  pattern?.build(present.pop()!);
  ['key', 'value'].forEach((part, i) => {
    graph.output(`present.${index}.${part}`, present[i], 'float32', cacheDims);
  });
  if (own)
    caches[index] = ['key', 'value'].map((part) => ({
      name: `${index}.${part}`,
      dims: [keyValueHeads, 'capacity', held],
    }));
  else {
    caches[index] = [];
    caches[keys.block] = caches[keys.block].map((part, i) => ({
      ...part,
      also: [...(part.also ?? []), `${index}.${['key', 'value'][i]}`],
    }));
  }
  let shown = result;
  if (held !== headSize) {
    const split = graph.node('Reshape', [result, graph.shape([-1, heads, held])]);
    shown = graph.node('Slice', [split, graph.shape([0]), graph.shape([headSize]), graph.shape([2])]);
  }
  const width = heads * headSize;
  let flat = graph.node('Reshape', [shown, graph.shape([-1, width])]);
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
