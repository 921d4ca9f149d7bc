import { expect, test } from 'vitest';
import { explain } from '../src/exit-code.js';

test('code that is gone, as during a build, is said in a sentence with its file', () => {
  const gone = new URL('./gone.js', import.meta.url).href;
  const error = Object.assign(new Error(`Cannot find module '${gone}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  const { text, code } = explain(error);
  expect(text).toMatch(/^a part of galvani could not be loaded \(Cannot find module '.*gone\.js'\)\. Where a build is/);
  expect(text).not.toContain('    at ');
  expect(code).toBe(1);
});

test('any other defect keeps its stack trace', () => {
  expect(explain(new TypeError('no'))).toMatchObject({ text: expect.stringContaining('    at '), code: 1 });
});
