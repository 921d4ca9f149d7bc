import type { NodeProto } from '@galvani/onnx';
import { type GraphIndex, headCounts, wholeNumbersOf } from './graph-index.js';

/** Where a site's units lie in a value: for each number of a token, in order, the unit that it is, or -1. */
export interface Places {
  units: Int32Array;
  /** Length of the value's last dimension. */
  last: number;
}

/** Where units that come in by one of its inputs lie behind a node that moves numbers and does nothing else, for each of its outputs; undefined for other nodes. */
export function movedPlaces(
  index: GraphIndex,
  node: NodeProto,
  input: number,
  { units, last }: Places,
): Places[] | undefined {
  const numbers = (input: number) => wholeNumbersOf(index, node.input[input]);
  /** Takes `length` of every `last` numbers, from `start` on; before and beyond them is nothing. */
  const window = (start: number, length: number): Places => ({
    units: Int32Array.from({ length: (units.length / last) * length }, (_, i) => {
      const within = start + (i % length);
      return within >= 0 && within < last ? units[Math.floor(i / length) * last + within] : -1;
    }),
    last: length,
  });
  switch (node.opType) {
    case 'Reshape':
      return [{ units, last: numbers(1).at(-1)! }];
    case 'Split': {
      const lengths = numbers(1);
      return lengths.map((length, k) => window(sum(lengths.slice(0, k)), length));
    }
    // Of sites side by side.
    case 'Concat': {
      const widths = node.input.map((value) => index.sites.get(value)!.width);
      const before = sum(widths.slice(0, input));
      return [window(-before, sum(widths))];
    }
    case 'Pad': {
      const padding = numbers(1);
      return [window(0, last + padding.at(-1)!)];
    }
    case 'Slice':
      return [window(numbers(1)[0], numbers(2)[0] - numbers(1)[0])];
    // Logits are computed of chosen rows.
    case 'Gather':
      return [{ units, last }];
    default:
      return undefined;
  }
}

/** Where values lie in what attention makes of them: each head has those of the group that it belongs to. */
export function attendedPlaces(node: NodeProto, { units }: Places): Places {
  const [heads, groups] = headCounts(node);
  const size = units.length / groups;
  const attended = Int32Array.from({ length: heads * size }, (_, i) => {
    const group = Math.floor(Math.floor(i / size) / (heads / groups));
    return units[group * size + (i % size)];
  });
  return { units: attended, last: attended.length };
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
