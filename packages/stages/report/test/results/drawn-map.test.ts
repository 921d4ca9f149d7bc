import type { MapDescription, WholeMap } from '@galvani/results';
import { expect, test } from 'vitest';
import { drawnMap } from '../../src/results/drawn-map.js';

/** A map of one unit with these statistics. */
function mapOf(statistics: Record<string, number>): WholeMap {
  return {
    kind: 'task',
    sites: [{ site: 'fc1', kind: 'linear', layer: 'block-00', width: 1, start: 0 }],
    flags: Uint8Array.of(0),
    copyOf: Int32Array.of(-1),
    unreachable: Uint8Array.of(0),
    statistic: (name) => Float64Array.of(statistics[name] ?? Number.NaN),
  };
}

const description: MapDescription = { name: 'task-a', kind: 'task', contrast: 'a', threshold: {} };

test('what is drawn is what decides membership', () => {
  const own = mapOf({ t: 5, z: 4, d: 1 });
  expect(drawnMap(description, own, 'familywise')).toMatchObject({ statistic: Float64Array.of(4), called: 'z' });
  // Where prompts are relabelled it is what is relabelled.
  expect(drawnMap({ ...description, relabelled: 't' }, own, 'familywise')).toMatchObject({
    statistic: Float64Array.of(5),
    called: 't',
  });
  // Of another noise model prompts' means are relabelled, and FDR is of the map's own p.
  const other = mapOf({ t: 9, z: 8, d: 1, relabelled: 3 });
  const apart: MapDescription = { ...description, relabelled: 't' };
  expect(drawnMap(apart, other, 'familywise')).toMatchObject({ statistic: Float64Array.of(3), called: 't' });
  expect(drawnMap(apart, other, 'fdr')).toMatchObject({ statistic: Float64Array.of(9), called: 't' });
});
