import type { CachePart } from './block-cache.js';
import type { Value } from './graph-builder.js';
import type { Building } from './module.js';
import type { TokenInputs } from './token-inputs.js';

/** What a run says of its rows, where blocks carry something from token to token. */
export interface CarriedRows {
  /** Whether the run begins a text, [batch, 1]. */
  begins: Value;
  /** Tokens that it has of each text, [batch]. */
  count: Value;
  /** 1 for each token that is no padding, else 0: [rows, 1]. */
  valid: Value;
}

export function carriedRows(b: Building, inputs: TokenInputs): CarriedRows {
  const { graph } = b;
  const whole = (n: number) => graph.numbers(`scalar.${n}`, BigInt64Array.of(BigInt(n)), []);
  const positions = graph.node('Reshape', [inputs.positions, inputs.grid]);
  const first = graph.node('Gather', [positions, graph.shape([0])], { axis: 1 });
  const last = graph.node('Reshape', [graph.node('Cast', [inputs.lastKey], { to: 7 }), graph.shape([-1, 1])]);
  const count = graph.node('Add', [graph.node('Sub', [last, first]), whole(1)]);
  const columns = graph.node('Range', [whole(0), graph.node('Gather', [inputs.grid, whole(1)], { axis: 0 }), whole(1)]);
  const within = graph.node('Cast', [graph.node('Less', [columns, count])], { to: 1 });
  return {
    begins: graph.node('Equal', [first, whole(0)]),
    count: graph.node('Reshape', [count, graph.shape([-1])]),
    valid: graph.node('Reshape', [within, graph.shape([-1, 1])]),
  };
}

/** What the run before left of each part, nothing where a text begins: [batch, ...dims] each. */
export function carried(b: Building, parts: readonly CachePart[], { begins }: CarriedRows): Value[] {
  const { graph } = b;
  return parts.map((part) => {
    const past = graph.input(`past.${part.name}`, 'float32', ['batch', ...sizes(part)]);
    const empty = graph.node('Reshape', [begins, graph.shape([-1, ...part.dims.map(() => 1)])]);
    return graph.node('Where', [empty, graph.numbers('zero', Float32Array.of(0), []), past]);
  });
}

/** Leaves it to the next run. */
export function carry(b: Building, parts: readonly CachePart[], values: readonly Value[]): void {
  for (const [i, part] of parts.entries())
    b.graph.output(`present.${part.name}`, values[i], 'float32', ['batch', ...sizes(part)]);
}

const sizes = ({ dims }: CachePart) => dims as number[];

/**
 * A convolution of each channel by itself over the last `kernel` tokens, x and the result [batch, sequence, channels], and what it goes on from in
 * the next run: each row's last inputs, padding left out, [batch, kernel - 1, channels].
 *
 * @param before what it went on from in this one
 */
export function convolution(
  b: Building,
  path: string,
  x: Value,
  before: Value,
  { count }: CarriedRows,
  { channels, kernel, bias }: { channels: number; kernel: number; bias: boolean },
): { mixed: Value; after: Value } {
  const { graph } = b;
  const dims = [channels, 1, kernel];
  const weight = graph.weight(b.tensors.require(`${path}.weight`, dims), dims);
  const added = bias ? graph.weight(b.tensors.require(`${path}.bias`, [channels]), [channels]) : '';
  // The last inputs that it gives itself would be padding's.
  const [mixed] = graph.nodes('CausalConvWithState', [x, weight, added, before], 2, { ndim: 1, channels_last: 1 });
  const all = graph.node('Concat', [before, x], { axis: 1 });
  const steps = graph.numbers(
    `steps.${kernel - 1}`,
    BigInt64Array.from({ length: kernel - 1 }, (_, i) => BigInt(i)),
    [kernel - 1],
  );
  const places = graph.node('Add', [graph.node('Reshape', [count, graph.shape([-1, 1])]), steps]);
  const after = graph.node('GatherND', [all, graph.node('Unsqueeze', [places, graph.shape([2])])], { batch_dims: 1 });
  return { mixed, after };
}
