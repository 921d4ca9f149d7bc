import { UserMistake } from '@galvani/terminal';
import { afterEach, expect, test } from 'vitest';
import { freeBytes, recordingBytes } from '../src/index.js';

afterEach(() => {
  delete process.env.GALVANI_FREE_BYTES;
});

const size = { runs: 24, tokens: 288, rows: 288, units: 23_104, sites: 64, storage: 'float32' as const };

test('the forecast is at least the numbers themselves, and not much more', () => {
  const numbers = 24 * 288 * 23_104 * 4;
  expect(recordingBytes(size)).toBeGreaterThan(numbers);
  expect(recordingBytes(size)).toBeLessThan(1.08 * numbers);
  expect(recordingBytes({ ...size, storage: 'float16' })).toBeLessThan(0.55 * numbers);
});

test('what is free is asked of the disk, where the folder does not exist yet too, unless the environment says it', async () => {
  expect(await freeBytes('.')).toBeGreaterThan(0);
  process.env.GALVANI_FREE_BYTES = '12345';
  expect(await freeBytes('.')).toBe(12345);
  process.env.GALVANI_FREE_BYTES = '1 GB';
  await expect(freeBytes('.')).rejects.toThrow(UserMistake);
});
