import { expect, test } from 'vitest';
import { pickedUnits } from '../../src/networks/picked-units.js';

const memberships = new Map([
  ['a', Int8Array.of(1, 1, -1, 0, 1)],
  ['b', Int8Array.of(1, -1, -1, 0, 0)],
  ['c', Int8Array.of(0, 0, -1, 1, 0)],
]);

test('units are picked by the networks that they are in, with one sign, or by exactly these', () => {
  expect([...pickedUnits(memberships, { tasks: ['a'], exactly: false })]).toEqual([1, 1, -1, 0, 1]);
  expect([...pickedUnits(memberships, { tasks: ['a', 'b'], exactly: false })]).toEqual([1, 0, -1, 0, 0]);
  expect([...pickedUnits(memberships, { tasks: ['a', 'b'], exactly: true })]).toEqual([1, 1, 0, 0, 0]);
  expect([...pickedUnits(memberships, { tasks: ['a'], exactly: true })]).toEqual([0, 0, 0, 0, 1]);
  expect([...pickedUnits(memberships, { tasks: ['nobody'], exactly: false })]).toEqual([0, 0, 0, 0, 0]);
});
