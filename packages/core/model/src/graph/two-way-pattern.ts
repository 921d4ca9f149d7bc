import { insideModule } from '../site.js';
import { patternParts } from './attention-heads.js';
import type { Value } from './graph-builder.js';
import type { Building } from './module.js';
import type { TokenInputs } from './token-inputs.js';

/** What a two-way pattern is of: queries and keys [batch, sequence, heads x headSize] and what is added to their products. */
export interface TwoWayPattern {
  module: string;
  heads: number;
  headSize: number;
  contextLength: number;
  query: Value;
  key: Value;
  mask: Value;
}

/** Parts of a head's pattern where tokens see those behind them too: the first token, distances back, distances ahead, the last token. */
export const twoWayParts = (contextLength: number): number => 2 * patternParts(contextLength).length + 1;

/**
 * Where each head looks: the softmax's weights, summed over the text's first and last token, where heads look that have nothing to look at (Clark et al.
 * 2019, arXiv 1906.04341), and over the others by distance, back (`patternParts`) and ahead. A site [rows, heads x parts], head after head, where
 * somebody asks for it, computed beside attention itself.
 */
export function twoWayPattern(b: Building, inputs: TokenInputs, form: TwoWayPattern): void {
  const { graph } = b;
  const { module, heads, contextLength } = form;
  const columns = twoWayParts(contextLength);
  const name = insideModule(module, 'pattern');
  if (!graph.offers(name, 'pattern', heads * columns)) return;
  const whole = (n: number) => graph.numbers(`scalar.${n}`, BigInt64Array.of(BigInt(n)), []);
  const weights = softmaxWeights(b, inputs, form);
  const length = graph.node('Gather', [inputs.grid, whole(1)], { axis: 0 });
  const tokens = graph.node('Reshape', [length, graph.shape([1])]);
  const places = graph.node('Range', [whole(0), length, whole(1)]);
  const end = graph.node('Reshape', [graph.node('Cast', [inputs.lastKey], { to: 7 }), graph.shape([-1, 1, 1, 1])]);
  // Of a text of one token this is the first.
  const isLast = graph.node('And', [graph.node('Equal', [places, end]), graph.node('Greater', [places, whole(0)])]);
  const atLast = graph.node('Transpose', [graph.node('Cast', [isLast], { to: 1 })], { perm: [0, 1, 3, 2] });
  const last = graph.node('Transpose', [graph.node('MatMul', [weights, atLast])], { perm: [0, 2, 1, 3] });

  const within = withinParts(b, places, contextLength);
  const rest = graph.node('Where', [isLast, graph.numbers('zero', Float32Array.of(0), []), weights]);
  const byPlace = graph.node('Transpose', [rest], { perm: [2, 0, 1, 3] });
  const shaped = (x: Value, ...shape: Value[]) =>
    graph.node('Reshape', [x, graph.node('Concat', [tokens, ...shape], { axis: 0 })]);
  const summed = graph.node('MatMul', [shaped(byPlace, graph.shape([-1]), tokens), within]);
  const split = shaped(summed, graph.shape([-1, heads, columns - 1]));
  const all = graph.node('Concat', [graph.node('Transpose', [split], { perm: [1, 0, 2, 3] }), last], { axis: 3 });
  graph.site(name, 'pattern', heads * columns, graph.node('Reshape', [all, graph.shape([-1, heads * columns])]));
}

/** [batch, heads, sequence, keys] */
function softmaxWeights(b: Building, inputs: TokenInputs, { heads, headSize, query, key, mask }: TwoWayPattern): Value {
  const { graph } = b;
  const byHead = (x: Value, perm: number[]) =>
    graph.node(
      'Transpose',
      [graph.node('Reshape', [x, graph.node('Concat', [inputs.grid, graph.shape([heads, headSize])], { axis: 0 })])],
      { perm },
    );
  const products = graph.node('MatMul', [byHead(query, [0, 2, 1, 3]), byHead(key, [0, 2, 3, 1])]);
  const scaled = graph.node('Mul', [
    products,
    graph.numbers(`scale.${headSize}`, Float32Array.of(headSize ** -0.5), []),
  ]);
  return graph.node('Softmax', [graph.node('Add', [scaled, mask])], { axis: -1 });
}

/** Which part each key is of for each token, the last token's apart: [sequence, keys, parts], 0 or 1, the same for every text and head. */
function withinParts(b: Building, places: Value, contextLength: number): Value {
  const { graph } = b;
  const whole = (n: number) => graph.numbers(`scalar.${n}`, BigInt64Array.of(BigInt(n)), []);
  const ahead = graph.node('Sub', [places, graph.node('Unsqueeze', [places, graph.shape([1])])]);
  const before = graph.node('LessOrEqual', [ahead, whole(0)]);
  const apart = graph.node('Where', [
    before,
    graph.node('Neg', [ahead]),
    graph.node('Add', [ahead, whole(contextLength)]),
  ]);
  const coded = graph.node('Where', [graph.node('Equal', [places, whole(0)]), whole(2 * contextLength), apart]);
  const back = patternParts(contextLength);
  const parts = [
    [2 * contextLength, 2 * contextLength],
    ...back,
    ...back.slice(1).map((part) => part.map((distance) => distance + contextLength)),
  ];
  const distances = graph.node('Unsqueeze', [graph.node('Cast', [coded], { to: 1 }), graph.shape([2])]);
  const edges = (which: 0 | 1) =>
    graph.numbers(
      `two-way-${which}.${contextLength}`,
      Float32Array.from(parts, (part) => part[which]),
      [parts.length],
    );
  const within = graph.node('And', [
    graph.node('GreaterOrEqual', [distances, edges(0)]),
    graph.node('LessOrEqual', [distances, edges(1)]),
  ]);
  return graph.node('Cast', [within], { to: 1 });
}
