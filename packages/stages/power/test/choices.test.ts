import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { promptNumbers, promptPoints, sessionPoints, tokenNumbers } from '../src/choices.js';
import { plantedDesign } from './planted.js';

const design = plantedDesign(2, 4, 6);

test('choices have as many prompts of every block, and two of them none in common', () => {
  for (const { promptsPerBlock, choices } of promptPoints(design, 3, randomStream(1, 'test')))
    for (const { task, own, other } of choices) {
      const perBlock = new Map<number, number>();
      for (const row of own.rows) perBlock.set(Math.floor(row / 6), (perBlock.get(Math.floor(row / 6)) ?? 0) + 1);
      expect([...perBlock.values()]).toEqual(Array(12).fill(promptsPerBlock));
      expect([...own.isOn].filter(Boolean)).toHaveLength(4 * promptsPerBlock);
      for (const row of own.rows) expect(Math.floor(row / 18) % 2).toBe(task);
      expect(other !== undefined).toBe(2 * promptsPerBlock <= 6);
      if (other) expect(new Set([...own.rows, ...other.rows])).toHaveLength(2 * own.rows.length);
    }
});

test('sessions are left out in turn, and what is left out judges', () => {
  const points = sessionPoints(design, 3, randomStream(1, 'test'));
  expect(points.map(({ sessions, draws }) => [sessions, draws])).toEqual([
    [1, 4],
    [2, 6],
    [3, 4],
  ]);
  for (const { choices, sessions } of points)
    for (const { own, leftOut } of choices) {
      expect(leftOut !== undefined).toBe(sessions === 3);
      if (leftOut) expect(own.rows.filter((row) => leftOut.rows.includes(row))).toHaveLength(0);
      expect(new Set(own.runs)).toHaveLength(sessions);
    }
});

test('numbers to try end with all prompts, and before all tokens', () => {
  expect([1, 2, 3, 40].map(promptNumbers)).toEqual([[1], [2], [2, 3], [2, 10, 17, 25, 32, 40]]);
  expect([1, 2, 12, 16].map(tokenNumbers)).toEqual([[], [1], [1, 2, 4, 8], [1, 2, 4, 8]]);
});
