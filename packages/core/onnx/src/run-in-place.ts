import { Failure } from '@galvani/terminal';
import { graphNode, valueInfo } from './graph-parts.js';
import { elementType, type NodeProto, type ValueInfoProto } from './model-proto.js';
import { type InferenceSession, Tensor } from './runtime.js';

/** Outputs that no file of somebody else's has. */
const unreturned = 'galvani:unreturned';
const ran = 'galvani:ran';
const float32Sequence = { sequenceType: { elemType: { tensorType: { elemType: elementType.float32 } } } };

/**
 * Nodes and outputs, to stand before a graph's own, that `runInPlace` needs.
 *
 * @param given name of an int32 scalar that is not 0 in any run
 */
export function runInPlaceParts(given: string): { nodes: NodeProto[]; outputs: ValueInfoProto[] } {
  return {
    nodes: [
      graphNode('SequenceEmpty', [], [unreturned], { dtype: elementType.float32 }),
      graphNode('Identity', [given], [ran]),
    ],
    outputs: [{ name: unreturned, type: float32Sequence }, valueInfo(ran, 'int32', [])],
  };
}

/** Whether a session's graph has what `runInPlace` needs. */
export const runsInPlace = ({ outputNames }: InferenceSession): boolean => outputNames.includes(unreturned);

/**
 * Runs a graph with these parts, its outputs going to the memory of the fetches.
 *
 * onnxruntime-node 1.30 writes outputs where preallocated fetches say, and then copies every one of them to new memory to
 * return it, which costs up to half of a step. It gives up converting at the first output that is not a tensor. So the
 * first output is an empty sequence: when it is refused all others are written, and nothing has been copied. A version that
 * does not refuse it works as well; the second output tells a run that wrote its outputs from one that wrote none, so what it is given
 * must not be 0.
 */
export async function runInPlace(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  fetches: Record<string, Tensor>,
  options?: InferenceSession.RunOptions,
): Promise<void> {
  const mark = new Int32Array(1);
  try {
    await session.run(feeds, { [unreturned]: null, [ran]: new Tensor('int32', mark, []), ...fetches }, options);
  } catch (error) {
    if (!/^Non tensor type/.test((error as Error).message)) throw error;
  }
  if (mark[0] === 0)
    throw new Failure(
      'onnxruntime-node did not write its outputs where it was told to: use the version that galvani names.',
    );
}
