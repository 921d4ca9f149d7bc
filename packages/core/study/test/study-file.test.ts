import { readFileSync } from 'node:fs';
import { parseStudy, studyJsonSchema } from '@galvani/study';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const parse = (text: string) => parseStudy(text, 'study.yaml');

test('a study of one line has every default', () => {
  const { study } = parse('tasks: [paleontology]');
  expect(study.design).toEqual({ sessions: 4, cycles: 1, promptsPerBlock: 6 });
  expect(study.extraction.sampling).toEqual({ method: 'sample', temperature: 0.8 });
  expect(study.glm.noise).toBe('prompt');
  expect(study.networks).toEqual({ correction: 'familywise', alpha: 0.05, minimumEffect: 0.5, sign: 'both' });
});

test.each([
  [
    'tasks: [a]\n\ndesign:\n  sesions: 3',
    /^study\.yaml:4: there is no field 'design\.sesions'\. Did you mean 'sessions'\?/,
  ],
  ['tasks: [a]\ndesign:\n  sessions: 0', /^study\.yaml:3: design\.sessions is 0: too small/],
  ['tasks:\n  - a\n  - B c', /^study\.yaml:3: tasks\.1 is "B c": must be lower-case/],
  ['title: x', /tasks is missing/],
  ['', /tasks is missing/],
  ['tasks: [a\n', /^study\.yaml:\d+:\d+: this is not YAML/],
  [
    'tasks: [a]\nextraction:\n  sampling: { method: beam }',
    /study\.yaml:3: extraction\.sampling\.method is "beam".*'greedy'/,
  ],
  ['tasks: [a]\nmodel: { hub: x }', /study\.yaml:2: model\.hub is "x": must be owner\/name/],
  ['tasks: [a]\nglm: { noise: white }', /study\.yaml:2: glm\.noise is "white".*"prompt"/],
])('%j is answered with line, field and what is allowed', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test('a field knows its line', () => {
  const file = parse('seed: 3\ntasks:\n  - a\n  - b\n');
  expect(file.locate('tasks', 1)).toBe('study.yaml:4: tasks.1');
  expect(file.locate('design', 'sessions')).toBe('study.yaml:1: design.sessions');
});

test('whatever the text, the answer is a study or a sentence', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(fc.constantFrom('tasks:', ' [a]', '\n', '- x', '{', '&a', '*a')).map((p) => p.join('')),
  );
  fc.assert(
    fc.property(anything, (text) => {
      try {
        parse(text);
      } catch (error) {
        expect((error as Error).name).toBe('UserMistake');
        expect((error as Error).message).toContain('study.yaml:');
      }
    }),
  );
});

test('the published JSON Schema is the one that is checked (npm run schema -w @galvani/study writes it)', () => {
  const published = JSON.parse(readFileSync(new URL('../study.schema.json', import.meta.url), 'utf8'));
  expect(published).toEqual(JSON.parse(JSON.stringify(studyJsonSchema())));
});

test.each([
  ['tasks: [a]\nglm:\n  drift: { kind: cosine, period: 1 }', /study\.yaml:3: glm\.drift\.period is 1: too small/],
  ['tasks: [a]\nglm:\n  drift: { kind: wavelet }', /study\.yaml:3: glm\.drift\.kind is "wavelet"/],
  ['tasks: [a]\nglm:\n  drift: { kind: cosine, perod: 9 }', /study\.yaml:3: glm\.drift\.period is missing/],
  [
    'tasks: [a]\nglm:\n  regressor: { kind: fir, length: 4, widht: 2 }',
    /no field 'glm\.regressor\.widht'\. Did you mean 'width'\?/,
  ],
  [
    'tasks: [a]\nglm:\n  modulators:\n    - entropy\n    - { value: entropy, off: tasks }',
    /study\.yaml:5: there is no field 'glm\.modulators\.1\.off'\. Did you mean 'of'\?/,
  ],
  ['tasks: [a]\nglm:\n  modulators: [entropie]', /study\.yaml:3: glm\.modulators\.0 is "entropie"/],
  ['tasks: [a]\nglm:\n  secondLevel: 2', /study\.yaml:3: glm\.secondLevel is 2/],
])('the model: %j is answered with line and field', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test('the short form of a modulator is the long one with defaults', () => {
  const { study } = parse('tasks: [a]\nglm: { noise: ols, modulators: [entropy, { value: position, of: tasks }] }');
  expect(study.glm.modulators).toEqual([
    { value: 'entropy', of: 'all', centre: 'all' },
    { value: 'position', of: 'tasks', centre: 'all' },
  ]);
});
