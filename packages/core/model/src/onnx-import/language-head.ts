import { asNumber, type GraphProto } from '@galvani/onnx';
import type { Companions } from './companions.js';
import { followGraph, isQuantizer, movedBy, roundsToEightBits } from './graph-flow.js';

/** Rows of the table in which a graph looks its tokens up; undefined where it is not found. */
export function vocabularyOf(graph: GraphProto): number | undefined {
  const flow = followGraph(graph);
  const sizes = new Map(graph.initializer.map(({ name, dims }) => [name ?? '', asNumber(dims[0])]));
  const source = (name: string): string => {
    const made = flow.maker.get(name);
    const [moved] = made ? movedBy(made, flow.weights) : [];
    return moved === undefined || moved === name ? name : source(moved);
  };
  const found = graph.node.flatMap(({ opType, input }) => {
    const [table, ids] = opType === 'EmbedLayerNormalization' ? [input[2], input[0]] : input;
    if (!/^(Gather|GatherBlockQuantized|EmbedLayerNormalization)$/.test(opType)) return [];
    return source(ids ?? '') === 'input_ids' ? (sizes.get(source(table)) ?? []) : [];
  });
  return found.length > 0 ? Math.max(...found) : undefined;
}

/** What is known of the output that may be logits. */
export interface HeadCandidate {
  name: string;
  /** Numbers for each token; undefined if it is not a row for each. */
  width: number | undefined;
  /** For some texts: the same tokens alone, and followed by others; at the positions that both have. */
  alone: Float32Array;
  followed: Float32Array;
}

/**
 * Why an output is not the logits of the next token; undefined if it is. Encoders and classifiers have outputs of the same shape
 * and even of the same name, but an encoder's depend on the tokens that follow, and a classifier's are not as many as there are
 * tokens.
 */
export function whyNotLogits(
  { name, width, alone, followed }: HeadCandidate,
  graph: GraphProto,
  { vocabularySize, architectures }: Companions,
): string | undefined {
  if (width === undefined) return `its output ${name} is not a row of numbers for each token`;
  if (/hidden_state|embedding/.test(name)) return `its output ${name} is not logits`;
  const other = architectures.find((each) => /ForMaskedLM|ForPreTraining|Classification|QuestionAnswering/.test(each));
  if (other !== undefined) return `config.json calls it ${other}`;
  const vocabulary = vocabularyOf(graph) ?? vocabularySize;
  if (vocabulary !== undefined && (name === 'logits' ? width < vocabulary / 2 : width !== vocabulary))
    return `its output ${name} has ${width} numbers for each token, and its vocabulary ${vocabulary} tokens`;
  if (vocabulary === undefined && name !== 'logits') return `none of its outputs is called logits`;
  // Whole numbers that are rounded differently differ by a step.
  const rounding = graph.node.some((node) => isQuantizer(node) || roundsToEightBits(node)) ? 0.1 : 1e-3;
  const largest = alone.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (alone.some((x, i) => !(Math.abs(x - followed[i]) <= rounding * largest)))
    return 'what it gives for a token depends on the tokens that follow, as an encoder’s output does';
  return undefined;
}
