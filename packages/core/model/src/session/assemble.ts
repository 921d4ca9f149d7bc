import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { elementType, encodeModel, graphNode, type NodeProto, runInPlaceParts, type TensorProto } from '@galvani/onnx';
import type { Graph } from '../graph/graph-builder.js';
import type { Site } from '../site.js';
import type { WeightSource } from '../weights/weight-source.js';
import { summingParts } from './site-sums.js';
import { tapParts } from './site-taps.js';

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

/** Most bytes of weights in the graph itself: a protobuf message ends at 2 GB. */
const graphLimit = 2 ** 30;

/** What the graph gives of sites. */
export interface Taps {
  sites: readonly Site[];
  /** As float16 and not float32. Default: false. */
  half?: boolean;
  /** Sums over runs, to which each adds its rows (`summingParts`), and not each run's rows. Default: false. */
  summed?: boolean;
  /** Of each site the rows that `head_rows` chooses (`tapParts`). Default: false. */
  chosen?: boolean;
}

/**
 * The graph with its weights, tapped sites being outputs [rows, width]. Weights stand outside
 * protobuf, whose messages end at 2 GB: they stay in the checkpoint's file, which onnxruntime maps into memory, and are
 * float32 once it has opened the graph. What cannot be mapped is read here. onnxruntime takes weights from files or from memory and
 * not from both, so what is read beside mapped weights stands in the graph; if it is too large for that, all weights are read.
 */
export async function assembleModel(
  graph: Graph,
  { sites: tapped, half = false, summed = false, chosen = false }: Taps,
  source: WeightSource,
  mapping = true,
): Promise<AssembledModel> {
  const externalData: AssembledModel['externalData'] = [];
  const initializer: TensorProto[] = [];
  const casts: NodeProto[] = [];
  /** Weights of 16 bits, as they are stored, by the name of the float32. */
  const stored16 = new Map<string, string>();
  /** Large constants that are not mapped. */
  const inMemory: { tensor: TensorProto; bytes: Uint8Array }[] = [];
  let weightFolder: string | undefined;
  for (const constant of graph.constants) {
    const { value: name, dims } = constant;
    const stored =
      mapping && constant.kind === 'checkpoint' && isLarge(dims) && (await source.locateNumbers(constant.tensor));
    if (stored) {
      // A file in the Hub's cache is a link to another folder; onnxruntime wants all files in one.
      const path = await realpath(stored.path);
      weightFolder ??= dirname(path);
      if (dirname(path) === weightFolder) {
        const external = externalTensor(basename(path), stored.offset, stored.length);
        if (stored.dtype === 'F32') initializer.push({ name, dims, dataType: elementType.float32, ...external });
        else {
          const mapped = `${name}:${stored.dtype}`;
          const dataType = stored.dtype === 'F16' ? elementType.float16 : elementType.bfloat16;
          initializer.push({ name: mapped, dims, dataType, ...external });
          stored16.set(name, mapped);
          // onnxruntime computes this once, when it opens the graph, and drops what nobody reads.
          casts.push(cast(mapped, name, elementType.float32));
        }
        continue;
      }
    }
    const data = constant.kind === 'numbers' ? constant.data : await source.readFloat32(constant.tensor);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const tensor = { name, dims, dataType: data instanceof Float32Array ? elementType.float32 : elementType.int64 };
    if (bytes.length <= inlineLimit) initializer.push({ ...tensor, rawData: bytes });
    else inMemory.push({ tensor, bytes });
  }
  if (weightFolder === undefined)
    for (const [i, { tensor, bytes }] of inMemory.entries()) {
      const path = `memory-${i}`;
      externalData.push({ path, data: bytes });
      initializer.push({ ...tensor, ...externalTensor(path, 0, bytes.length) });
    }
  else if (inMemory.reduce((sum, { bytes }) => sum + bytes.length, 0) > graphLimit)
    return assembleModel(graph, { sites: tapped, half, summed, chosen }, source, false);
  else for (const { tensor, bytes } of inMemory) initializer.push({ ...tensor, rawData: bytes });
  const nodes = graph.nodes.flatMap((node) => lookUpStored(node, stored16));
  const taps = summed ? summingParts(tapped) : tapParts(tapped, half, chosen);
  const inPlace = runInPlaceParts('total_sequence_length');
  const bytes = encodeModel({
    irVersion: 9,
    producerName: 'galvani',
    opsetImport: [
      { domain: '', version: 17 },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: 'subject',
      node: [...casts, ...inPlace.nodes, ...nodes, ...taps.nodes],
      initializer,
      input: [...graph.inputs, ...taps.inputs],
      output: [...inPlace.outputs, ...taps.outputs, ...graph.outputs],
      valueInfo: [],
    },
  });
  return { bytes, externalData, weightFolder };
}

/**
 * Rows of a table are looked up in the file and are float32 from there on, with the same bits: the whole table as float32 would stand
 * in memory beside the copy that a tied head's product makes of it.
 */
function lookUpStored(node: NodeProto, stored16: ReadonlyMap<string, string>): NodeProto[] {
  const table = node.opType === 'Gather' ? stored16.get(node.input[0]) : undefined;
  if (table === undefined) return [node];
  const rows = `${node.output[0]}:stored`;
  return [
    { ...node, input: [table, ...node.input.slice(1)], output: [rows] },
    cast(rows, node.output[0], elementType.float32),
  ];
}

const cast = (from: string, to: string, type: number) => graphNode('Cast', [from], [to], { to: type });

const isLarge = (dims: number[]) => 4 * dims.reduce((a, b) => a * b, 1) > inlineLimit;

function externalTensor(
  location: string,
  offset: number,
  length: number,
): Pick<TensorProto, 'dataLocation' | 'externalData'> {
  const entries = { location, offset: String(offset), length: String(length) };
  return { dataLocation: 1, externalData: Object.entries(entries).map(([key, value]) => ({ key, value })) };
}
