import { insideModule } from '../site.js';
import type { AttentionShape } from './attention-shape.js';
import type { Value } from './graph-builder.js';
import type { Building } from './module.js';
import type { TokenInputs } from './token-inputs.js';

/**
 * The length (Euclidean) of what each head adds to the residual stream: its outputs `z` [rows, heads x headSize] times its part of the output
 * projection, whose bias is nobody's. A site [rows, heads] where somebody asks for it.
 */
export function headsOutput(
  b: Building,
  form: Pick<AttentionShape, 'module' | 'heads' | 'headSize' | 'output'>,
  z: Value,
): void {
  const { graph } = b;
  const { heads, headSize, output, module } = form;
  const { path, width, transposed = false } = output;
  const name = insideModule(module, 'heads');
  if (!graph.offers(name, 'heads', heads)) return;
  const all = heads * headSize;
  const shape = transposed ? [all, width] : [width, all];
  const weight = graph.weight(b.tensors.require(`${path}.weight`, shape), shape);
  const ofHeads = transposed
    ? graph.node('Reshape', [weight, graph.shape([heads, headSize, width])])
    : graph.node('Transpose', [graph.node('Reshape', [weight, graph.shape([width, heads, headSize])])], {
        perm: [1, 2, 0],
      });
  const byHead = graph.node('Transpose', [graph.node('Reshape', [z, graph.shape([-1, heads, headSize])])], {
    perm: [1, 0, 2],
  });
  const added = graph.node('MatMul', [byHead, ofHeads]);
  // A product with ones, as of all sums (`readout`).
  const ones = graph.numbers(`ones.${width}x1`, new Float32Array(width).fill(1), [width, 1]);
  const squares = graph.node('MatMul', [graph.node('Mul', [added, added]), ones]);
  const lengths = graph.node('Reshape', [graph.node('Sqrt', [squares]), graph.shape([heads, -1])]);
  graph.site(name, 'heads', heads, graph.node('Transpose', [lengths], { perm: [1, 0] }));
}

/**
 * The parts into which a head's pattern is summed, as distances from the token that looks back: [least, most] each, behind the first part, the text's
 * first token, which is apart since heads without anything to look at look there. Distances 0, 1 and 2 are parts of their own, then each is
 * twice as wide as the one before, up to the context's end.
 */
export function patternParts(contextLength: number): [number, number][] {
  const parts: [number, number][] = [[0, 0]];
  for (let least = 1, most = 1; least < contextLength; least = most + 1, most *= 2)
    parts.push([least, Math.min(most, contextLength - 1)]);
  return parts;
}

/**
 * Where each head looks: the softmax's weights, summed over the text's first token and over the other tokens by distance (`patternParts`), so that
 * they have one width at every position. A site [rows, heads x (1 + parts)], head after head, where somebody asks for it; undefined else.
 *
 * @returns what attention's kernel is told, and what takes its fourth output, [batch, heads, sequence, keys]
 */
export function attentionPattern(b: Building, inputs: TokenInputs, form: AttentionShape) {
  const { graph } = b;
  const { heads, contextLength, module } = form;
  const parts = patternParts(contextLength);
  const columns = 1 + parts.length;
  const name = insideModule(module, 'pattern');
  if (!graph.offers(name, 'pattern', heads * columns)) return undefined;
  return {
    // The weights behind the softmax.
    attributes: { qk_output: 2 },
    build(weights: Value): void {
      const key = graph.node('Reshape', [
        graph.node('Gather', [graph.node('Shape', [weights]), graph.shape([3])], { axis: 0 }),
        graph.shape([]),
      ]);
      const scalar = (n: number) => graph.numbers(`scalar.${n}`, BigInt64Array.of(BigInt(n)), []);
      const keys = graph.node('Range', [scalar(0), key, scalar(1)]);
      const rows = graph.node('Reshape', [inputs.positions, graph.shape([-1, 1])]);
      const back = graph.node('Sub', [rows, keys]);
      const apart = graph.node('Where', [graph.node('Equal', [keys, scalar(0)]), scalar(contextLength), back]);
      const distances = graph.node('Unsqueeze', [graph.node('Cast', [apart], { to: 1 }), graph.shape([2])]);
      const edges = (end: 0 | 1) =>
        graph.numbers(
          `pattern-${end}.${contextLength}`,
          Float32Array.from([contextLength, ...parts.map((part) => part[end])]),
          [columns],
        );
      const within = graph.node('And', [
        graph.node('GreaterOrEqual', [distances, edges(0)]),
        graph.node('LessOrEqual', [distances, edges(1)]),
      ]);
      const byRow = graph.node('Reshape', [
        graph.node('Transpose', [weights], { perm: [0, 2, 1, 3] }),
        graph.node('Concat', [graph.shape([-1, heads]), graph.node('Reshape', [key, graph.shape([1])])], { axis: 0 }),
      ]);
      // Beyond a row's own tokens the kernel writes nothing: there is whatever was in memory.
      const seen = graph.node('Unsqueeze', [graph.node('GreaterOrEqual', [back, scalar(0)]), graph.shape([1])]);
      const own = graph.node('Where', [seen, byRow, graph.numbers('zero', Float32Array.of(0), [])]);
      const sums = graph.node('MatMul', [own, graph.node('Cast', [within], { to: 1 })]);
      graph.site(name, 'pattern', heads * columns, graph.node('Reshape', [sums, graph.shape([-1, heads * columns])]));
    },
  };
}
