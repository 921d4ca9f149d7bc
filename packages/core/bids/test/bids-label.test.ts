import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bidsLabels, bidsPath } from '../src/bids-label.js';

test('labels are letters and digits, and each name has its own, whatever a file system makes of case', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (names) => {
      const labels = [...bidsLabels(names, 'task').values()];
      expect(labels.length).toBe(new Set(names).size);
      for (const label of labels) expect(label).toMatch(/^[a-zA-Z0-9]+$/);
      expect(new Set(labels.map((label) => label.toLowerCase())).size).toBe(labels.length);
    }),
  );
  expect([...bidsLabels(['a-b', 'AB', 'ab2', 'ab', '__proto__'], 'task')]).toEqual([
    ['a-b', 'ab'],
    ['AB', 'AB2'],
    ['ab2', 'ab22'],
    ['ab', 'ab3'],
    ['__proto__', 'proto'],
  ]);
});

test('entities stand in their order, whatever order they are given in', () => {
  expect(
    bidsPath({ desc: 'x', stat: 't', contrast: 'c', task: 'b', ses: '01', sub: 'a' }, 'func', 'statmap.nii.gz'),
  ).toBe('sub-a/ses-01/func/sub-a_ses-01_task-b_contrast-c_stat-t_desc-x_statmap.nii.gz');
});
