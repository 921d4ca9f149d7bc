import { clopperPearson } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../../test/closeness.js';
import { accuracyInterval } from '../../src/index.js';

const runs = (correct: number[], total: number) => correct.map((own) => ({ correct: own, total }));
const bounds = ({ lower, upper }: { lower: number; upper: number }) => [lower, upper];

test('runs with one outcome each are trials', () => {
  expect(accuracyInterval(runs([1, 1, 0, 1, 1, 1], 1), 1)).toEqual(clopperPearson(5, 6));
});

test('runs that are all alike count as one trial each, however many prompts they have', () => {
  expect(accuracyInterval(runs([6, 6, 6, 6], 6), 1)).toEqual(clopperPearson(4, 4));
  expect(accuracyInterval(runs([0, 0, 0], 6), 1)).toEqual(clopperPearson(0, 3));
});

test('of two unlike runs a quarter of draws takes either one twice', () => {
  expect(accuracyInterval(runs([0, 6], 6), 1)).toEqual({ lower: 0, upper: 1 });
});

test('of many runs it is that of the mean of runs by the central limit theorem', () => {
  const correct = Array.from({ length: 400 }, (_, i) => (i * 7) % 11);
  const mean = correct.reduce((a, b) => a + b) / 400 / 10;
  const sd = Math.sqrt(correct.reduce((sum, own) => sum + (own / 10 - mean) ** 2, 0) / 400);
  const half = (1.96 * sd) / Math.sqrt(400);
  expectWithinAbsolute(bounds(accuracyInterval(runs(correct, 10), 1)), [mean - half, mean + half], 0.1 * half);
});
