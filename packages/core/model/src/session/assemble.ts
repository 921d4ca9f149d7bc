import { type Constant, describe, type Graph } from '../graph/graph-builder.js';
import { elementType, encodeModel, type TensorProto } from '../onnx/model-proto.js';
import type { Site } from '../site.js';
import type { WeightSource } from '../weights/weight-source.js';

/** What onnxruntime opens: the graph's bytes, and the weights that lie outside them. */
export interface AssembledModel {
  bytes: Uint8Array;
  externalData: { path: string; data: Uint8Array }[];
}

/** Below this many bytes a constant stands in the graph itself: onnxruntime needs small shapes there to infer others. */
const inlineLimit = 1024;

/**
 * The graph with its weights, `tapped` sites being outputs [rows, width] under their own names. Weights are float32 and
 * stand outside protobuf, whose messages end at 2 GB.
 */
export async function assembleModel(
  graph: Graph,
  tapped: readonly Site[],
  source: WeightSource,
): Promise<AssembledModel> {
  const externalData: AssembledModel['externalData'] = [];
  const initializer: TensorProto[] = [];
  for (const constant of graph.constants) {
    const data = await numbersOf(constant, source);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const tensor: TensorProto = {
      name: constant.value,
      dims: constant.dims,
      dataType: data instanceof Float32Array ? elementType.float32 : elementType.int64,
    };
    if (bytes.length <= inlineLimit) tensor.rawData = bytes;
    else {
      const path = `weights-${externalData.length}`;
      externalData.push({ path, data: bytes });
      tensor.dataLocation = 1;
      tensor.externalData = [
        { key: 'location', value: path },
        { key: 'offset', value: '0' },
        { key: 'length', value: String(bytes.length) },
      ];
    }
    initializer.push(tensor);
  }
  const taps = tapped.map(({ name, width, kind }) =>
    describe(name, 'float32', [kind === 'head' ? 'rows' : 'tokens', width]),
  );
  const bytes = encodeModel({
    irVersion: 9,
    producerName: 'galvani',
    opsetImport: [
      { domain: '', version: 17 },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: 'subject',
      node: graph.nodes,
      initializer,
      input: graph.inputs,
      output: [...taps, ...graph.outputs],
      valueInfo: [],
    },
  });
  return { bytes, externalData };
}

async function numbersOf(constant: Constant, source: WeightSource): Promise<Float32Array | BigInt64Array> {
  return constant.kind === 'numbers' ? constant.data : source.readFloat32(constant.tensor);
}
