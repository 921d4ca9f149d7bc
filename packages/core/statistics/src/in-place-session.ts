import {
  encodeModel,
  InferenceSession,
  type NodeProto,
  runInPlace,
  runInPlaceParts,
  Tensor,
  type ValueInfoProto,
  valueInfo,
} from '@galvani/onnx';

/** A small graph of ours. */
export interface InPlaceGraph {
  nodes: readonly NodeProto[];
  inputs: readonly ValueInfoProto[];
  outputs: readonly ValueInfoProto[];
}

/**
 * Runs a graph whose outputs are written to the memory of what is fetched. Its session is made when first asked for, since that takes
 * longer than a small test.
 *
 * @returns a function of feeds and fetches by name
 */
export function inPlaceSession({ nodes, inputs, outputs }: InPlaceGraph) {
  let session: Promise<InferenceSession> | undefined;
  const create = () => {
    const inPlace = runInPlaceParts('given');
    const model = encodeModel({
      irVersion: 8,
      opsetImport: [{ version: 18 }],
      graph: {
        name: 'galvani',
        node: [...inPlace.nodes, ...nodes],
        initializer: [],
        input: [...inputs, valueInfo('given', 'int32', [])],
        output: [...inPlace.outputs, ...outputs],
        valueInfo: [],
      },
    });
    return InferenceSession.create(model, {
      logSeverityLevel: 3,
      // Threads that wait for work by spinning slow down small tests on a busy machine and gain nothing on large ones.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  };
  return async (feeds: Record<string, Tensor>, fetches: Record<string, Tensor>): Promise<void> => {
    session ??= create();
    await runInPlace(await session, { ...feeds, given: new Tensor('int32', Int32Array.of(1), []) }, fetches);
  };
}
