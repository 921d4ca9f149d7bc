import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { changesAt, networkDirection, randomDirection, taskDirections } from '../src/directions.js';

const sites = ['a', 'b'].map((site, k) => ({ site, kind: 'activation', layer: 'block-00', width: 20, start: 20 * k }));
const stream = randomStream(3);
const map = {
  members: Int8Array.from({ length: 40 }, (_, u) => (u % 4 === 0 ? 1 : 0)),
  effect: Float64Array.from({ length: 40 }, () => stream.normal()),
  counted: Uint8Array.from({ length: 40 }, (_, u) => (u === 7 ? 0 : 1)),
};
const norm = (values: Float64Array) => Math.hypot(...values);

test('a network’s direction is its members’ effects; random ones have as many counted units of each site and an equal norm', () => {
  const network = networkDirection(sites, map);
  expect(network.map(({ site, units }) => [site, [...units]])).toEqual([
    ['a', [0, 4, 8, 12, 16]],
    ['b', [0, 4, 8, 12, 16]],
  ]);
  expect([...network[1].offset]).toEqual([0, 4, 8, 12, 16].map((u) => map.effect[20 + u]));
  for (let k = 0; k < 50; k++)
    for (const [s, own] of randomDirection(network, sites, map, randomStream(k)).entries()) {
      expect(new Set(own.units).size).toBe(5);
      expect(norm(own.offset)).toBeCloseTo(norm(network[s].offset), 12);
      if (s === 0) expect(own.units).not.toContain(7);
    }
});

test('a strength multiplies, 0 changes nothing, and a network without members has no direction', () => {
  const network = networkDirection(sites, map);
  expect(changesAt(network, 0)).toEqual([]);
  expect([...(changesAt(network, -2)[0].offset as Float64Array)]).toEqual(
    [...network[0].offset].map((own) => -2 * own),
  );
  expect(
    taskDirections('x', sites, { ...map, members: new Int8Array(40) }, { directions: 19, seed: 1 }),
  ).toBeUndefined();
  expect(taskDirections('x', sites, map, { directions: 19, seed: 1 })!.random).toHaveLength(19);
});
