import { Failure, UserMistake } from '@galvani/terminal';
import { afterEach, expect, test } from 'vitest';
import { checkForecast, forecastBytes, freeBytes } from '../src/disk-forecast.js';

afterEach(() => {
  delete process.env.GALVANI_FREE_BYTES;
});

const size = { runs: 24, tokens: 288, rows: 288, units: 23_104, sites: 64, storage: 'float32' as const };

test('the forecast is at least the numbers themselves, and not much more', () => {
  const numbers = 24 * 288 * 23_104 * 4;
  expect(forecastBytes(size)).toBeGreaterThan(numbers);
  expect(forecastBytes(size)).toBeLessThan(1.08 * numbers);
  expect(forecastBytes({ ...size, storage: 'float16' })).toBeLessThan(0.55 * numbers);
});

test('a disk too small is a failure that says what is needed, what is free, where, and what to do', () => {
  expect(() => checkForecast(size, 1e12, '/data')).not.toThrow();
  expect(() => checkForecast(size, 1e8, '/data')).toThrow(Failure);
  expect(() => checkForecast(size, 1e8, '/data')).toThrow(
    /the 24 runs.*need about 6\d\d MB in \/data, and 100 MB are free; nothing was started\. Free some space.*float16/,
  );
});

test('what is free is asked of the disk, where the folder does not exist yet too, unless the environment says it', async () => {
  expect(await freeBytes('.')).toBeGreaterThan(0);
  process.env.GALVANI_FREE_BYTES = '12345';
  expect(await freeBytes('.')).toBe(12345);
  process.env.GALVANI_FREE_BYTES = '1 GB';
  await expect(freeBytes('.')).rejects.toThrow(UserMistake);
});
