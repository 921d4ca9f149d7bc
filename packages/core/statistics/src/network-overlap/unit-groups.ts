import { graphNode, type NodeProto } from '@galvani/onnx';

/** Units that are passed over together. */
export const groupSize = 32;

/** Share of units that may be wanted from which on hardly a group of them can be passed over. */
export const tooManyToPass = 0.02;

/** Nodes that take from `units`, [rows x units], the largest number of each group, [rows x groups]. */
export const largestOfGroups = (units: string, largest: string): NodeProto[] => [
  graphNode('Constant', [], ['grouped'], { value_ints: [0, -1, groupSize] }),
  graphNode('Constant', [], ['of group'], { value_ints: [2] }),
  graphNode('Reshape', [units, 'grouped'], ['groups']),
  graphNode('ReduceMax', ['groups', 'of group'], [largest], { keepdims: 0 }),
];
