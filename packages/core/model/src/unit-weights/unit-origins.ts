import type { NodeProto } from '@galvani/onnx';
import type { Value } from '../graph/graph-builder.js';
import { attributeOf, type GraphIndex, headCounts, wholeNumbersOf } from './graph-index.js';

/** Which of a value's numbers of a token units are made of: `places[i]` of `units[i]`; a unit may have several. */
export interface UnitPlaces {
  places: Int32Array;
  units: Int32Array;
}

/**
 * Where units come from in the first input of a node that moves numbers, or turns them in pairs, and does nothing else; undefined for other
 * nodes. `output` is the one of its outputs in which `at` says where they are.
 */
export function originOf(index: GraphIndex, node: NodeProto, output: Value, at: UnitPlaces): UnitPlaces | undefined {
  const moved = (from: (place: number) => number): UnitPlaces => ({ places: at.places.map(from), units: at.units });
  const numbers = (input: number) => wholeNumbersOf(index, node.input[input]);
  switch (node.opType) {
    case 'Reshape':
      return at;
    case 'Split': {
      const lengths = numbers(1);
      const k = node.output.indexOf(output);
      const whole = sum(lengths);
      const start = sum(lengths.slice(0, k));
      return moved((place) => Math.floor(place / lengths[k]) * whole + start + (place % lengths[k]));
    }
    case 'Slice': {
      const [start] = numbers(1);
      const length = numbers(2)[0] - start;
      const whole = lastOf(index, node.input[0]);
      return moved((place) => Math.floor(place / length) * whole + start + (place % length));
    }
    case 'Pad': {
      const length = lastOf(index, node.input[0]);
      const whole = length + numbers(1).at(-1)!;
      return moved((place) => Math.floor(place / whole) * length + (place % whole));
    }
    case 'RotaryEmbedding': {
      const partner = rotaryPartner(index, node);
      const { places, units } = at;
      const turned = Array.from(places.keys()).filter((i) => partner(places[i]) !== places[i]);
      return {
        places: Int32Array.from([...places, ...turned.map((i) => partner(places[i]))]),
        units: Int32Array.from([...units, ...turned.map((i) => units[i])]),
      };
    }
    default:
      return undefined;
  }
}

/** Of places in sites that are joined side by side: where they lie in each of them. */
export function joinedOrigins(index: GraphIndex, node: NodeProto, { places, units }: UnitPlaces): UnitPlaces[] {
  let start = 0;
  return node.input.map((value) => {
    const from = start;
    start += index.sites.get(value)!.width;
    const own = Array.from(places.keys()).filter((i) => places[i] >= from && places[i] < start);
    return { places: Int32Array.from(own, (i) => places[i] - from), units: Int32Array.from(own, (i) => units[i]) };
  });
}

/** The same without repetitions. */
export function eachOnce({ places, units }: UnitPlaces): UnitPlaces {
  const seen = new Set<string>();
  const first = Array.from(places.keys()).filter((i) => {
    const pair = `${places[i]} ${units[i]}`;
    return !seen.has(pair) && seen.add(pair);
  });
  return { places: Int32Array.from(first, (i) => places[i]), units: Int32Array.from(first, (i) => units[i]) };
}

/** Where what attention gives comes from in its values: each head has those of the group that it belongs to. */
export function valuePlaces(index: GraphIndex, node: NodeProto, { places, units }: UnitPlaces): UnitPlaces {
  const [heads, groups] = headCounts(node);
  const size = lastOf(index, node.input[2]) / groups;
  return {
    places: places.map((place) => {
      const group = Math.floor(Math.floor(place / size) / (heads / groups));
      return group * size + (place % size);
    }),
    units,
  };
}

/** With which dimension of its head one is turned; itself where it is not. */
function rotaryPartner(index: GraphIndex, node: NodeProto): (place: number) => number {
  const turned = attributeOf(node, 'rotary_embedding_dim', 0);
  const neighbours = attributeOf(node, 'interleaved', 0) === 1;
  const size = lastOf(index, node.input[0]) / attributeOf(node, 'num_heads', 0);
  return (place) => {
    const own = place % size;
    if (own >= turned) return place;
    const other = neighbours ? own ^ 1 : (own + turned / 2) % turned;
    return place - own + other;
  };
}

/** Length of the last dimension of a value that a Reshape made. */
const lastOf = (index: GraphIndex, value: Value) => wholeNumbersOf(index, index.made.get(value)!.input[1]).at(-1)!;

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
