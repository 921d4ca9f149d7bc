import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { unitCells } from '../../src/diagnostics/unit-cells.js';

test.each([
  [1, 1, 0.01],
  [3, 1, 0.02],
  [6, 1, 0.01],
  [6, 2, 0.01],
  [4, 3, 0.02],
])('of %i axes and cells %i to the distance those are near that distances say', (axes, finer, nearest) => {
  const random = randomStream('cells', axes, finer);
  const units = 400;
  // Many of them near each other, and some at the ends of what coordinates may be.
  const coordinates = Float64Array.from({ length: units * axes }, (_, i) =>
    i < 4 * axes ? (i % 2 === 0 ? 1 : -1) : 0.16 * (random.uniform() - 0.5) + (i % 3 === 0 ? 0.1 : 0),
  );
  const near = (u: number, v: number) => {
    let sum = 0;
    for (let a = 0; a < axes; a++) sum += (coordinates[u * axes + a] - coordinates[v * axes + a]) ** 2;
    return sum <= nearest;
  };
  const cells = unitCells(coordinates, { axes, nearest, finer });
  const added: number[] = [];
  let pairs = 0;
  for (let u = 0; u < units; u++) {
    const found: number[] = [];
    cells.eachNear(u, (v) => found.push(v));
    const expected = added.filter((v) => near(u, v));
    expect(found.sort((a, b) => a - b)).toEqual(expected);
    pairs += expected.length;
    if (u % 5 === 4) continue;
    cells.add(u);
    added.push(u);
  }
  expect(pairs).toBeGreaterThan(100);
});
