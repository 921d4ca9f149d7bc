import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { describe, type Graph } from '../graph/graph-builder.js';
import { elementType, encodeModel, type TensorProto } from '../onnx/model-proto.js';
import type { Site } from '../site.js';
import type { WeightSource } from '../weights/weight-source.js';

/** What onnxruntime opens: the graph's bytes, and the weights that lie outside them. */
export interface AssembledModel {
  bytes: Uint8Array;
  /** Weights that had to be converted, in memory. */
  externalData: { path: string; data: Uint8Array }[];
  /** The folder of the files that other weights are used from in place. */
  weightFolder?: string;
}

/** Below this many bytes a constant stands in the graph itself: onnxruntime needs small shapes there to infer others. */
const inlineLimit = 1024;

/**
 * The graph with its weights, `tapped` sites being outputs [rows, width] under their own names. Weights stand outside
 * protobuf, whose messages end at 2 GB: float32 weights stay in the checkpoint's file, which onnxruntime maps into memory;
 * others are converted to float32 here.
 */
export async function assembleModel(
  graph: Graph,
  tapped: readonly Site[],
  source: WeightSource,
): Promise<AssembledModel> {
  const externalData: AssembledModel['externalData'] = [];
  const initializer: TensorProto[] = [];
  let weightFolder: string | undefined;
  for (const constant of graph.constants) {
    const { value: name, dims } = constant;
    const floats = constant.kind === 'checkpoint' && isLarge(dims) && (await source.locateFloats(constant.tensor));
    if (floats) {
      // A file in the Hub's cache is a link to another folder; onnxruntime wants all files in one.
      const path = await realpath(floats.path);
      weightFolder ??= dirname(path);
      if (dirname(path) === weightFolder) {
        const external = externalTensor(basename(path), floats.offset, floats.length);
        initializer.push({ name, dims, dataType: elementType.float32, ...external });
        continue;
      }
    }
    const data = constant.kind === 'numbers' ? constant.data : await source.readFloat32(constant.tensor);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const tensor = { name, dims, dataType: data instanceof Float32Array ? elementType.float32 : elementType.int64 };
    if (bytes.length <= inlineLimit) initializer.push({ ...tensor, rawData: bytes });
    else {
      const path = `memory-${externalData.length}`;
      externalData.push({ path, data: bytes });
      initializer.push({ ...tensor, ...externalTensor(path, 0, bytes.length) });
    }
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
  return { bytes, externalData, weightFolder };
}

const isLarge = (dims: number[]) => 4 * dims.reduce((a, b) => a * b, 1) > inlineLimit;

function externalTensor(
  location: string,
  offset: number,
  length: number,
): Pick<TensorProto, 'dataLocation' | 'externalData'> {
  const entries = { location, offset: String(offset), length: String(length) };
  return { dataLocation: 1, externalData: Object.entries(entries).map(([key, value]) => ({ key, value })) };
}
