import { UserMistake } from '@galvani/terminal';
import protobuf from 'protobufjs/light.js';
import { modelMessage } from './schema.js';

/** A whole number of 64 bits: decoded ones are objects that keep every bit. */
export type Int64 = number | { toNumber(): number };

export interface ModelProto {
  irVersion: Int64;
  producerName?: string;
  producerVersion?: string;
  opsetImport: { domain?: string; version: Int64 }[];
  graph: GraphProto;
  metadataProps?: { key: string; value: string }[];
  /** Operators that the file defines itself. */
  functions?: FunctionProto[];
}

export interface FunctionProto {
  name?: string;
  domain?: string;
  input: string[];
  output: string[];
  node: NodeProto[];
}

export interface GraphProto {
  name?: string;
  node: NodeProto[];
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  valueInfo: ValueInfoProto[];
}

export interface NodeProto {
  name?: string;
  opType: string;
  domain?: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
  /** What the exporter notes about it: torch's keeps the path of the module that it comes from. */
  metadataProps?: { key: string; value: string }[];
}

/** `type` says which field holds the value: 1 f, 2 i, 3 s, 4 t, 5 g, 6 floats, 7 ints, 8 strings, 9 tensors, 10 graphs. */
export interface AttributeProto {
  name: string;
  type: number;
  f?: number;
  i?: Int64;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  floats?: number[];
  ints?: Int64[];
  strings?: Uint8Array[];
  tensors?: TensorProto[];
  graphs?: GraphProto[];
}

export interface TensorProto {
  name?: string;
  dims: Int64[];
  /** A number of `elementType`. */
  dataType: number;
  rawData?: Uint8Array;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: Int64[];
  externalData?: { key: string; value: string }[];
  /** 1: the numbers lie in another file, as `externalData` says. */
  dataLocation?: number;
}

/** The type of a value: a tensor, or a sequence of values of one type. */
export interface TypeProto {
  tensorType?: { elemType: number; shape?: { dim: { dimValue?: Int64; dimParam?: string }[] } };
  sequenceType?: { elemType: TypeProto };
}

export interface ValueInfoProto {
  name: string;
  type?: TypeProto;
}

/** TensorProto.DataType of the specification. */
export const elementType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;

/** An int64 as a number; exact below 2^53. */
export function asNumber(value: Int64 | undefined): number {
  if (value === undefined) return 0;
  return typeof value === 'number' ? value : value.toNumber();
}

/** Reads an .onnx file's bytes. Fields that are not named in the schema are kept and written again by `encodeModel`. */
export function decodeModel(bytes: Uint8Array, source = 'the file'): ModelProto {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = false;
  let model: ModelProto;
  try {
    model = modelMessage.decode(reader) as unknown as ModelProto;
  } catch (cause) {
    throw new UserMistake(
      `${source} is not an ONNX model: ${(cause as Error).message}. It may be damaged or cut short.`,
      {
        cause,
      },
    );
  }
  if (!model.graph || model.graph.node.length === 0 || model.opsetImport.length === 0)
    throw new UserMistake(`${source} is not an ONNX model: it has no graph. It may be damaged or of another format.`);
  return model;
}

/** The bytes of an .onnx file. Weights of more than 2 GB in all belong outside: see `externalData`. */
export function encodeModel(model: ModelProto): Uint8Array {
  return modelMessage.encode(model as unknown as Record<string, unknown>).finish();
}
