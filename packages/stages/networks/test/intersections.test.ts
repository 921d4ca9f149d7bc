import { conjunctionRow, intersectionsOf } from '@galvani/networks';
import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';

const sites = [
  { start: 0, width: 5, units: 4 },
  { start: 5, width: 6, units: 6 },
];
// The last unit of the first site does not count.
const networks = [
  { task: 'a', members: Int8Array.of(1, 1, 0, 0, 0, 1, -1, 0, 0, 0, 0), sites },
  { task: 'b', members: Int8Array.of(1, -1, 0, 0, 0, 0, -1, 0, 0, 0, 1), sites },
  { task: 'c', members: Int8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0), sites },
];

test('every unit that belongs somewhere is in exactly one set, and signs are told', () => {
  const rows = intersectionsOf(networks);
  expect(rows.find(({ tasks }) => tasks === 'a + b')).toMatchObject({ networks: 2, units: 2, same: 1 });
  expect(rows.find(({ tasks }) => tasks === 'a + b + c')).toMatchObject({ networks: 3, units: 1, same: 1 });
  expect(rows.find(({ tasks }) => tasks === 'a')).toMatchObject({ units: 1 });
  const sizes = networks.map(({ members }) => members.filter((sign) => sign !== 0).length);
  for (const [k, { task }] of networks.entries()) {
    const own = rows.filter(({ tasks }) => tasks.split(' + ').includes(task));
    expect(own.reduce((sum, { units }) => sum + units, 0)).toBe(sizes[k]);
  }
  expect(rows.map(({ units }) => units)).toEqual(rows.map(({ units }) => units).sort((a, b) => b - a));
});

test('expected is what members placed anew in their sites give', () => {
  const stream = randomStream('placings');
  const draws = 20_000;
  const sums = new Map<string, number>();
  let alike = 0;
  const placed = ({ members }: (typeof networks)[number]) => [
    ...stream.shuffled([...members.subarray(0, 4)]),
    0,
    ...stream.shuffled([...members.subarray(5)]),
  ];
  for (let i = 0; i < draws; i++) {
    const drawn = networks.map(placed);
    for (let u = 0; u < 11; u++) {
      const set = networks.filter((_, k) => drawn[k][u] !== 0).map(({ task }) => task);
      sums.set(set.join(' + '), (sums.get(set.join(' + ')) ?? 0) + 1);
      if (drawn[0][u] !== 0 && drawn[0][u] === drawn[1][u]) alike++;
    }
  }
  for (const { tasks, expected } of intersectionsOf(networks))
    expect(Math.abs(expected - (sums.get(tasks) ?? 0) / draws)).toBeLessThan(0.03);
  const { expected_in_networks } = conjunctionRow('both', new Int8Array(11), networks.slice(0, 2));
  expect(Math.abs(expected_in_networks - alike / draws)).toBeLessThan(0.03);
});

test('a conjunction stands beside what its networks share in one direction', () => {
  const members = Int8Array.of(1, 0, 0, 0, 0, 0, -1, 0, 0, -1, 0);
  expect(conjunctionRow('both', members, networks.slice(0, 2))).toMatchObject({
    ...{ conjunction: 'both', tasks: 'a + b', members: 3, positive: 1, negative: 2, in_networks: 2 },
  });
});
