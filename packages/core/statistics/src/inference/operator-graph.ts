/** One ONNX operator of a graph: its type, and names of what it reads and writes. */
export interface OperatorNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integer attributes. */
  readonly integers?: Readonly<Record<string, number>>;
}

/** Element type of a tensor, and its code in ONNX. */
const elementTypes = { float32: 1, int64: 7, float64: 11 } as const;

/** A named tensor: a string stands for a dimension that is only known when the graph runs. */
export interface TensorPort {
  readonly name: string;
  readonly type: keyof typeof elementTypes;
  readonly dimensions: readonly (number | string)[];
}

/** A constant vector of whole numbers (the axes of a reduction). */
export interface IntegerConstant {
  readonly name: string;
  readonly values: readonly number[];
}

/**
 * The bytes of an ONNX model (IR version 8, operator set 18) that holds the given operators, in protobuf's encoding of
 * onnx.proto: just the fields that a handful of linear algebra operators needs.
 */
export function encodeOperatorGraph(graph: {
  nodes: readonly OperatorNode[];
  inputs: readonly TensorPort[];
  outputs: readonly TensorPort[];
  constants?: readonly IntegerConstant[];
}): Uint8Array {
  const encodedGraph = concat([
    ...graph.nodes.map((node) => message(1, encodeNode(node))),
    text(2, 'galvani'),
    ...(graph.constants ?? []).map((constant) => message(5, encodeConstant(constant))),
    ...graph.inputs.map((port) => message(11, encodePort(port))),
    ...graph.outputs.map((port) => message(12, encodePort(port))),
  ]);
  return concat([whole(1, 8), message(7, encodedGraph), message(8, whole(2, 18))]);
}

function encodeNode(node: OperatorNode): Uint8Array {
  const attributes = Object.entries(node.integers ?? {}).map(([name, value]) =>
    message(5, concat([text(1, name), whole(3, value), whole(20, 2)])),
  );
  return concat([
    ...node.inputs.map((name) => text(1, name)),
    ...node.outputs.map((name) => text(2, name)),
    text(4, node.operator),
    ...attributes,
  ]);
}

function encodeConstant({ name, values }: IntegerConstant): Uint8Array {
  return concat([
    whole(1, values.length),
    whole(2, elementTypes.int64),
    ...values.map((value) => whole(7, value)),
    text(8, name),
  ]);
}

function encodePort({ name, type, dimensions }: TensorPort): Uint8Array {
  const shape = concat(dimensions.map((size) => message(1, typeof size === 'string' ? text(2, size) : whole(1, size))));
  return concat([text(1, name), message(2, message(1, concat([whole(1, elementTypes[type]), message(2, shape)])))]);
}

function whole(field: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(field << 3), ...varint(value)]);
}

function text(field: number, value: string): Uint8Array {
  return message(field, new TextEncoder().encode(value));
}

function message(field: number, bytes: Uint8Array): Uint8Array {
  return concat([Uint8Array.from([...varint((field << 3) | 2), ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
