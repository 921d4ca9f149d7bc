import { type StageParameters, studySchema } from '@galvani/study';
import { expect, test } from 'vitest';
import { subjectWords } from '../../src/sections/subject.js';

const { extraction } = studySchema.parse({ tasks: ['fossils'] });
const words = (model: StageParameters['extract']['model']) => subjectWords({ seed: 1, model, ...extraction }).markup;

test('a subject is named as study.yaml names it; a twin is said to be one, of what and with which seed', () => {
  expect(words({ path: 'models/a' })).toBe('the language model <code>models/a</code>');
  expect(words({ twin: { hub: 'b/c', revision: 'main' }, seed: 3 })).toMatch(
    /^the untrained twin of the language model <code>b\/c \(main\)<\/code>: its weights, permuted within each tensor \(seed 3\)/,
  );
});
