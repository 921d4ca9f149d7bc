import { Failure } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { checkForecast } from '../src/disk-forecast.js';

const size = { runs: 24, tokens: 288, rows: 288, units: 23_104, sites: 64, storage: 'float32' as const };

test('a disk too small is a failure that says what is needed, what is free, where, and what to do', () => {
  expect(() => checkForecast(size, 1e12, '/data')).not.toThrow();
  expect(() => checkForecast(size, 1e8, '/data')).toThrow(Failure);
  expect(() => checkForecast(size, 1e8, '/data')).toThrow(
    /the 24 runs.*need about 6\d\d MB in \/data, and 100 MB are free; nothing was started\. Free some space.*float16/,
  );
  expect(() => checkForecast(size, 1e8, '/data', false)).toThrow(/Free some space[^;]*\(keep\)\.$/);
});
