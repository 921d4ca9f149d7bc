import { join, resolve } from 'node:path';
import { shownPath } from '@galvani/terminal';
import { expect, test } from 'vitest';

test('a path is shown as it can be opened from the working folder', () => {
  expect(shownPath(resolve('study', 'derivatives'))).toBe('study/derivatives');
  expect(shownPath('study')).toBe('study');
  expect(shownPath('.')).toBe('.');
  expect(shownPath('..names')).toBe('..names');
  expect(shownPath('../elsewhere')).toBe(resolve('../elsewhere'));
  expect(shownPath(join('/', 'study'))).toBe(resolve('/study'));
});
