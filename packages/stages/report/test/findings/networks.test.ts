import { expect, test } from 'vitest';
import { membersByNetworks, overlapPairs, ownMembers } from '../../src/findings/network-overlap.js';
import { taskNetworks } from '../../src/findings/network-size.js';
import { standings } from '../../src/findings/task-standing.js';

const unit = (task: string, site: string, at: number) => ({
  task,
  site,
  kind: 'linear',
  layer: 'block-00',
  unit: at,
  effect: 1,
  t: 1,
  z: 1,
  d: 1,
  log10_p: -3,
});

test('a unit that two networks hold is nobody’s own', () => {
  const units = [unit('a', 's', 1), unit('a', 's', 11), unit('b', 's', 1), unit('b', 's1', 1)];
  expect([...ownMembers(units, ['a', 'b', 'c'])]).toEqual([
    ['a', 1],
    ['b', 1],
    ['c', 0],
  ]);
  expect(membersByNetworks(units, ['a', 'b', 'c'])).toEqual([2, 1, 0]);
});

test('pairs come once each, largest first', () => {
  const shared = { same: 0, opposed: 0, opposed_dice: 0, jaccard: 0, expected_dice: 0, expected_opposed_dice: 0 };
  const tests = {
    lower: 0,
    upper: 1,
    relabelled_dice: 0,
    p: 1,
    p_over_pairs: 1,
    opposed_p: 1,
    opposed_p_over_pairs: 1,
  };
  const row = { ...tests, members_a: 1, members_b: 1, ...shared };
  const rows = ['a', 'b', 'c'].flatMap((task_a, i) =>
    ['a', 'b', 'c'].map((task_b, j) => ({
      ...row,
      task_a,
      task_b,
      dice: i === j ? 1 : i + j === 3 ? Number.NaN : (i + j) / 10,
    })),
  );
  expect(overlapPairs(rows, ['a', 'b', 'c']).map((p) => `${p.task_a}${p.task_b}`)).toEqual(['ac', 'ab']);
});

test('the densest place is by share, not by count, and an empty network has none', () => {
  const row = { task: 'a', positive: 0, negative: 0 };
  const sizes = [
    { ...row, layer: 'block-00', kind: 'linear', site: 'x', units: 100, members: 10 },
    { ...row, layer: 'block-01', kind: 'norm', site: 'y', units: 10, members: 5 },
  ];
  expect(taskNetworks(sizes, ['a', 'b'])).toEqual([
    { task: 'a', units: 110, members: 15, positive: 0, negative: 0, densestKind: 'norm', densestLayer: 'block-01' },
    { task: 'b', units: 0, members: 0, positive: 0, negative: 0, densestKind: undefined, densestLayer: undefined },
  ]);
});

test('a task stands beside the other that it is most like', () => {
  const row = { dice: 0, expected_dice: 0 };
  const likeness = [
    { ...row, task: 'a', other_task: 'a', correlation: 0.5 },
    { ...row, task: 'a', other_task: 'b', correlation: 0.3 },
    { ...row, task: 'b', other_task: 'a', correlation: 0.3 },
    { ...row, task: 'b', other_task: 'b', correlation: Number.NaN },
  ];
  expect(standings(likeness, ['a', 'b']).map(({ task, rival }) => [task, rival.other_task])).toEqual([['a', 'b']]);
});
