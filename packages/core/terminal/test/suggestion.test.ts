import { didYouMean } from '@galvani/terminal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from '../src/suggestion.js';

const fields = ['sessions', 'cycles', 'promptsPerBlock'];

test.each([
  ['sesions', 'a letter left out'],
  ['sesssions', 'one too many'],
  ['sessoins', 'two that changed places'],
  ['SESSIONS', 'capitals'],
  ['session', 'the singular'],
])('%s means sessions: %s', (name) => expect(didYouMean(name, fields)).toBe(" Did you mean 'sessions'?"));

test('what is like none of the names suggests nothing', () => {
  expect(didYouMean('learningRate', fields)).toBe('');
  expect(didYouMean('x', [])).toBe('');
});

test('the nearest come first, of equally near ones the first of the alphabet, each once', () => {
  expect(nearest('fc1', ['fc2', 'fc11', 'fc1', 'fc2', 'q_proj'])).toEqual(['fc1', 'fc11', 'fc2']);
  expect(nearest('fc1', ['fc4', 'fc3', 'fc2'], 2)).toEqual(['fc2', 'fc3']);
});

test('a name that is there is nearest to itself', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), {
    minLength: 1,
    selector: (name) => name.toLowerCase(),
  });
  fc.assert(
    fc.property(names, (allowed) => {
      expect(nearest(allowed[0], allowed, 1)).toEqual([allowed[0]]);
    }),
  );
});
