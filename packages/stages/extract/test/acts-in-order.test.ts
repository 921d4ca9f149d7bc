import { expect, test } from 'vitest';
import { actsInOrder } from '../src/acts-in-order.js';

test('acts are done in the order of the names, and in the end those behind what never was through', () => {
  const done: string[] = [];
  const acts = actsInOrder([...'abcde']);
  const through = (name: string) => acts.through(name, () => done.push(name));
  through('b');
  expect(done).toEqual([]);
  through('a');
  expect(done).toEqual(['a', 'b']);
  through('e');
  through('d');
  expect(done).toEqual(['a', 'b']);
  acts.rest();
  acts.rest();
  expect(done).toEqual(['a', 'b', 'd', 'e']);
});
