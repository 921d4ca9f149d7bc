import {
  elementType,
  graphNode,
  type NodeProto,
  Tensor,
  type TensorProto,
  type ValueInfoProto,
  valueInfo,
} from '@galvani/onnx';
import { inverseTemperature } from '../session/readout-buffers.js';

/** Log probabilities of the whole vocabulary, in nats, as the logits lie. */
export const logProbabilitiesOutput = 'galvani:log-probabilities';
/** Entropies in nats of the distributions over the next token. */
export const entropiesOutput = 'galvani:entropies';
/** Probabilities at the temperature that is fed, if there is one. */
export const temperedOutput = 'galvani:tempered';
const inverseInput = 'galvani:inverse-temperatures';

/** What is added to a graph. */
interface GraphParts {
  node: NodeProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  initializer: TensorProto[];
}

/** The node that gives log probabilities of logits. */
export const logProbabilitiesNode = (logits: string): NodeProto =>
  graphNode('LogSoftmax', [logits], [logProbabilitiesOutput], { axis: -1 });

/** Reads the above off logits [rows x positions, vocabulary], of which any may be -Infinity: such a token has no part in the entropy. */
export function readoutParts(logits: string, vocabularySize: number): GraphParts {
  const at = (name: string) => `galvani:readout:${name}`;
  const floats = (name: string, dims: number[], values: Float32Array): TensorProto => ({
    ...{ name: at(name), dims, dataType: elementType.float32 },
    rawData: new Uint8Array(values.buffer),
  });
  return {
    node: [
      logProbabilitiesNode(logits),
      graphNode('Exp', [logProbabilitiesOutput], [at('probabilities')]),
      graphNode('Max', [logProbabilitiesOutput, at('lowest')], [at('finite')]),
      graphNode('Mul', [at('probabilities'), at('finite')], [at('weighted')]),
      // Of the second column nothing is read (see graph/readout.ts).
      graphNode('MatMul', [at('weighted'), at('minus-ones')], [at('sums')]),
      graphNode('Gather', [at('sums'), at('first')], [entropiesOutput], { axis: -1 }),
      graphNode('Mul', [inverseInput, logProbabilitiesOutput], [at('divided')]),
      graphNode('Softmax', [at('divided')], [temperedOutput], { axis: -1 }),
    ],
    input: [valueInfo(inverseInput, 'float32', ['temperatures', 1, 1, 1])],
    output: [logProbabilitiesOutput, entropiesOutput, temperedOutput].map((name) => ({ name })),
    initializer: [
      floats('lowest', [1], Float32Array.of(-1e30)),
      floats('minus-ones', [vocabularySize, 2], new Float32Array(2 * vocabularySize).fill(-1)),
      { name: at('first'), dims: [], dataType: elementType.int64, int64Data: [0] },
    ],
  };
}

/** The feed that says at which temperature probabilities are wanted. Default: at none. */
export function readoutFeed(temperature?: number): Record<string, Tensor> {
  const inverse = inverseTemperature(temperature);
  return { [inverseInput]: new Tensor('float32', inverse, [inverse.length, 1, 1, 1]) };
}
