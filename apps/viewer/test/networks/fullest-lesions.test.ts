import { expect, test } from 'vitest';
import { fullestLesions } from '../../src/networks/fullest-lesions.js';

test('of several doses the largest is shown, of the first kind of lesion', () => {
  const row = (kind: string, dose: number, network: string) => ({ sites: 'activation', kind, dose, network });
  const rows = [row('mean', 0.25, 'a'), row('mean', 1, 'a'), row('mean', 1, 'b'), row('zero', 2, 'a')];
  expect(fullestLesions(rows)).toEqual([rows[1], rows[2]]);
});
