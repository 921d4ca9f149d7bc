import type { GraphBuilder, Value } from './graph-builder.js';

/** What a loss is read off: the log probabilities [rows, 1] in nats of given tokens, the input `targets`, int64 [rows, 1]. */
export function targetReadout(graph: GraphBuilder, logits: Value): void {
  const targets = graph.input('targets', 'int64', ['rows', 1]);
  const logProbabilities = graph.node('LogSoftmax', [logits], { axis: -1 });
  const own = graph.node('GatherElements', [logProbabilities, targets], { axis: 1 });
  graph.output('target_log_probabilities', own, 'float32', ['rows', 1]);
}

/** The input of one over each temperature that probabilities are wanted at. */
export const inverseTemperatures = 'inverse_temperatures';

/**
 * What generation reads off the logits [rows, vocabulary]: their log probabilities in nats, the distribution's entropy in nats [rows, 1],
 * and the first of the most probable tokens with its log probability [rows, 1]. Also the probabilities at some temperatures
 * [temperatures, rows, vocabulary], given one over each, the input `inverse_temperatures` [temperatures, 1, 1]: of none nothing is computed.
 */
export function readout(graph: GraphBuilder, logits: Value, vocabularySize: number): void {
  const logProbabilities = graph.node('LogSoftmax', [logits], { axis: -1 });
  const probabilities = graph.node('Exp', [logProbabilities]);
  const weighted = graph.node('Mul', [probabilities, logProbabilities]);
  // A product with ones: ReduceSum adds up in an order that depends on where in memory a row begins, so on its place in the batch.
  // Of a second column nothing is read: of one alone onnxruntime takes four times as long, and rounds ten times as much.
  const minusOne = graph.numbers('minus.one', Float32Array.of(-1), [1]);
  const minusOnes = graph.node('Expand', [minusOne, graph.shape([vocabularySize, 2])]);
  const sums = graph.node('MatMul', [weighted, minusOnes]);
  const entropy = graph.node('Gather', [sums, graph.shape([0])], { axis: 1 });
  // TopK of one, which is the first of equals as ArgMax is, takes half its time.
  const [highest, argmax] = graph.nodes('TopK', [logProbabilities, graph.shape([1])], 2, { axis: -1 });
  const inverse = graph.input(inverseTemperatures, 'float32', ['temperatures', 1, 1]);
  const tempered = graph.node('Softmax', [graph.node('Mul', [inverse, logProbabilities])], { axis: -1 });
  graph.output('log_probabilities', logProbabilities, 'float32', ['rows', vocabularySize]);
  graph.output('tempered', tempered, 'float32', ['temperatures', 'rows', vocabularySize]);
  graph.output('entropy', entropy, 'float32', ['rows', 1]);
  graph.output('highest', highest, 'float32', ['rows', 1]);
  graph.output('argmax', argmax, 'int64', ['rows', 1]);
}

/** What tells whether an encoder's last hidden states are finite numbers: 0 where all are, and NaN. */
export function finiteReadout(graph: GraphBuilder, hidden: Value): void {
  const nothing = graph.node('Mul', [hidden, graph.numbers('zero', Float32Array.of(0), [])]);
  graph.output('finite', graph.node('ReduceSum', [nothing], { keepdims: 0 }), 'float32', []);
}
