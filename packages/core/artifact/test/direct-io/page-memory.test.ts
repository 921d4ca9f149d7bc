import { expect, test } from 'vitest';
import { allocatePages, beginsPage, pagedActivations, recognizePages } from '../../src/direct-io/page-memory.js';

test('arrays in pages are zero, apart from each other, and known to begin pages', () => {
  for (const [half, shared] of [
    [false, false],
    [true, true],
  ]) {
    const lengths = [1, 1024, 1025, 3000];
    const arrays = pagedActivations(half, lengths, shared);
    expect(arrays.every((each) => each instanceof (half ? Uint16Array : Float32Array))).toBe(true);
    expect(arrays.map(({ length }) => length)).toEqual(lengths);
    expect(arrays.every(beginsPage)).toBe(true);
    for (const [i, each] of arrays.entries()) {
      expect(each.every((value) => value === 0)).toBe(true);
      each.fill(i + 1);
    }
    for (const [i, each] of arrays.entries()) expect(each.every((value) => value === i + 1)).toBe(true);
    expect(arrays[0].buffer instanceof SharedArrayBuffer).toBe(shared);
  }
});

test('what begins within a page, and what may lie anywhere, is told apart', () => {
  const memory = allocatePages(10_000);
  expect(beginsPage(new Uint8Array(memory, 4096))).toBe(true);
  expect(beginsPage(new Uint8Array(memory, 4100))).toBe(false);
  const elsewhere = new Uint8Array(8192);
  expect(beginsPage(elsewhere)).toBe(false);
  recognizePages(elsewhere.buffer);
  expect(beginsPage(elsewhere)).toBe(true);
});
