import protobuf from 'protobufjs/light.js';

/**
 * The messages of ONNX's protobuf schema that are read or written here; names and numbers are those of the specification
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3). What is not listed is kept as it is on the wire.
 */
const messages: Record<string, Record<string, [id: number, type: string, repeated?: 'repeated']>> = {
  ModelProto: {
    irVersion: [1, 'int64'],
    producerName: [2, 'string'],
    producerVersion: [3, 'string'],
    domain: [4, 'string'],
    modelVersion: [5, 'int64'],
    docString: [6, 'string'],
    graph: [7, 'GraphProto'],
    opsetImport: [8, 'OperatorSetIdProto', 'repeated'],
    metadataProps: [14, 'StringStringEntryProto', 'repeated'],
    functions: [25, 'FunctionProto', 'repeated'],
  },
  FunctionProto: {
    name: [1, 'string'],
    input: [4, 'string', 'repeated'],
    output: [5, 'string', 'repeated'],
    attribute: [6, 'string', 'repeated'],
    node: [7, 'NodeProto', 'repeated'],
    docString: [8, 'string'],
    opsetImport: [9, 'OperatorSetIdProto', 'repeated'],
    domain: [10, 'string'],
    attributeProto: [11, 'AttributeProto', 'repeated'],
    valueInfo: [12, 'ValueInfoProto', 'repeated'],
    overload: [13, 'string'],
    metadataProps: [14, 'StringStringEntryProto', 'repeated'],
  },
  OperatorSetIdProto: { domain: [1, 'string'], version: [2, 'int64'] },
  StringStringEntryProto: { key: [1, 'string'], value: [2, 'string'] },
  GraphProto: {
    node: [1, 'NodeProto', 'repeated'],
    name: [2, 'string'],
    initializer: [5, 'TensorProto', 'repeated'],
    docString: [10, 'string'],
    input: [11, 'ValueInfoProto', 'repeated'],
    output: [12, 'ValueInfoProto', 'repeated'],
    valueInfo: [13, 'ValueInfoProto', 'repeated'],
  },
  NodeProto: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, 'AttributeProto', 'repeated'],
    docString: [6, 'string'],
    domain: [7, 'string'],
    metadataProps: [9, 'StringStringEntryProto', 'repeated'],
  },
  AttributeProto: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    t: [5, 'TensorProto'],
    g: [6, 'GraphProto'],
    floats: [7, 'float', 'repeated'],
    ints: [8, 'int64', 'repeated'],
    strings: [9, 'bytes', 'repeated'],
    tensors: [10, 'TensorProto', 'repeated'],
    graphs: [11, 'GraphProto', 'repeated'],
    type: [20, 'int32'],
    refAttrName: [21, 'string'],
  },
  TensorProto: {
    dims: [1, 'int64', 'repeated'],
    dataType: [2, 'int32'],
    floatData: [4, 'float', 'repeated'],
    int32Data: [5, 'int32', 'repeated'],
    stringData: [6, 'bytes', 'repeated'],
    int64Data: [7, 'int64', 'repeated'],
    name: [8, 'string'],
    rawData: [9, 'bytes'],
    doubleData: [10, 'double', 'repeated'],
    uint64Data: [11, 'uint64', 'repeated'],
    externalData: [13, 'StringStringEntryProto', 'repeated'],
    dataLocation: [14, 'int32'],
  },
  ValueInfoProto: { name: [1, 'string'], type: [2, 'TypeProto'], docString: [3, 'string'] },
  TypeProto: { tensorType: [1, 'TypeProtoTensor'], sequenceType: [4, 'TypeProtoSequence'] },
  TypeProtoSequence: { elemType: [1, 'TypeProto'] },
  TypeProtoTensor: { elemType: [1, 'int32'], shape: [2, 'TensorShapeProto'] },
  TensorShapeProto: { dim: [1, 'TensorShapeProtoDimension', 'repeated'] },
  TensorShapeProtoDimension: { dimValue: [1, 'int64'], dimParam: [2, 'string'], denotation: [3, 'string'] },
};

const root = new protobuf.Root();
for (const [name, fields] of Object.entries(messages)) {
  const message = new protobuf.Type(name);
  for (const [field, [id, type, rule]] of Object.entries(fields))
    message.add(new protobuf.Field(field, id, type, rule ?? 'optional'));
  root.add(message);
}

/** The message that an .onnx file is. */
export const modelMessage: protobuf.Type = root.lookupType('ModelProto');
