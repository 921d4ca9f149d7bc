import { readFileSync } from 'node:fs';
import { parseStudy, studyJsonSchema } from '@galvani/study';
import fc from 'fast-check';
import { expect, test } from 'vitest';

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema;
}

const parse = (text: string) => parseStudy(text, 'study.yaml');

test('a study of one line has every default', () => {
  const { study } = parse('tasks: [paleontology]');
  expect(study.design).toEqual({ sessions: 4, cycles: 1, promptsPerBlock: 6 });
  expect(study.extraction.sampling).toEqual({ method: 'sample', temperature: 0.8 });
  expect(study.glm.noise).toBe('prompt');
  expect(study.networks).toEqual({
    correction: 'familywise',
    family: 'task',
    alpha: 0.05,
    minimumEffect: 0.5,
    sign: 'both',
    copies: 'once',
    unreachable: 'keep',
  });
});

test.each([
  [
    'tasks: [a]\n\ndesign:\n  sesions: 3',
    /^study\.yaml:4: there is no field 'design\.sesions'\. Did you mean 'sessions'\?/,
  ],
  ['tasks: [a]\ndesign:\n  sessions: 0', /^study\.yaml:3: design\.sessions is 0: must be at least 1\.$/],
  ['tasks:\n  - a\n  - B c', /^study\.yaml:3: tasks\.1 is "B c": must be lower-case/],
  ['title: x', /tasks is missing/],
  ['', /tasks is missing/],
  ['tasks: [a\n', /^study\.yaml:\d+:\d+: this is not YAML/],
  [
    'tasks: [a]\nextraction:\n  sampling: { method: beam }',
    /study\.yaml:3: extraction\.sampling\.method is "beam": must be one of "greedy", "sample"\.$/,
  ],
  ['tasks: [a]\nmodel: { hub: x }', /study\.yaml:2: model\.hub is "x": must be owner\/name/],
  ['tasks: [a]\nglm: { noise: white }', /study\.yaml:2: glm\.noise is "white".*"prompt"/],
])('%j is answered with line, field and what is allowed', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});

const fieldsOfStudy =
  'title, description, seed, model, prompts, tasks, rest, design, extraction, glm, networks, decode, yardstick, geometry, lesion, steer, controls';
test.each([
  [
    '# first\nhello',
    `study.yaml:2: the study is "hello": must be a mapping (field: value) with the fields ${fieldsOfStudy}.`,
  ],
  [
    '- a\n- b',
    `study.yaml:1: the study is ["a","b"]: must be a mapping (field: value) with the fields ${fieldsOfStudy}.`,
  ],
  ['tasks: a', 'study.yaml:1: tasks is "a": must be a list.'],
  ['tasks:', 'study.yaml:1: tasks is empty: must be a list.'],
  ['tasks: []', 'study.yaml:1: tasks is []: must have at least 1 entry.'],
  ['tasks: [5]', 'study.yaml:1: tasks.0 is 5: must be text ("5", in quotes).'],
  ['tasks: [a]\ntitle: ""', 'study.yaml:2: title is "": must not be empty.'],
  ['tasks: [a]\nseed: x', 'study.yaml:2: seed is "x": must be a number.'],
  ['tasks: [a]\nseed: "5"', 'study.yaml:2: seed is "5": must be a number, without quotes.'],
  ['tasks: [a]\nseed: 1.5', 'study.yaml:2: seed is 1.5: must be a whole number.'],
  ['tasks: [a]\nseed: 1e30', 'study.yaml:2: seed is 1e+30: must be at most 2147483647.'],
  ['tasks: [a]\nseed: .nan', 'study.yaml:2: seed is NaN: must be a number.'],
  [
    'tasks: [a]\nmodel:',
    'study.yaml:2: model is empty: must be text or a mapping (field: value) with the fields hub, revision or a mapping (field: value) with the fields twin, seed.',
  ],
  ['tasks: [a]\nmodel: ""', 'study.yaml:2: model is "": must not be empty.'],
  ['tasks: [a]\nmodel: {}', 'study.yaml:2: model.hub is missing: must be text.'],
  [
    'tasks: [a]\nmodel:\n  hub: a/b\n  revision: 5',
    'study.yaml:4: model.revision is 5: must be text ("5", in quotes).',
  ],
  [
    'tasks: [a]\nglm: { modulators: [{ value: entropy, of: x }] }',
    'study.yaml:2: glm.modulators.0.of is "x": must be one of "all", "tasks".',
  ],
  ['tasks: [a]\nglm: { contrasts: { x: 5 } }', 'study.yaml:2: glm.contrasts.x is 5: must be text ("5", in quotes).'],
  ['tasks: [a]\nglm: { conjunctions: { x: a } }', 'study.yaml:2: glm.conjunctions.x is "a": must be a list.'],
  ['tasks: [a]\nnetworks: { alpha: 1 }', 'study.yaml:2: networks.alpha is 1: must be below 1.'],
  ['tasks: [a]\nnetworks: { alpha: 0 }', 'study.yaml:2: networks.alpha is 0: must be above 0.'],
  ['tasks: [a]\n---\ntasks: [b]', 'study.yaml:2:1: this is not YAML: a second document begins here (---).'],
])('%j is answered in a sentence', (text, sentence) => {
  expect(() => parse(text)).toThrow(sentence);
});

test('whatever stands in whichever field, no word of the schema’s own reaches a person', () => {
  const fields = (schema: JsonSchema, path: string[]): string[][] => [
    path,
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => fields(inner, [...path, name])),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((inner) => fields(inner, path)),
    ...(schema.items ? fields(schema.items, [...path, '0']) : []),
    ...(schema.additionalProperties ? fields(schema.additionalProperties, [...path, 'name']) : []),
  ];
  const values = [null, true, -1.5, 1e40, '', '5', [], {}, { x: 1 }, { kind: 'fir' }];
  const written = (path: string[], value: unknown): unknown => {
    const [key, ...rest] = path;
    if (key === undefined) return value;
    return key === '0' ? [written(rest, value)] : { [key]: written(rest, value) };
  };
  const all = fields(studyJsonSchema() as JsonSchema, []);
  expect(all.length).toBeGreaterThan(50);
  for (const path of all)
    for (const value of values) {
      let said = '';
      try {
        parse(JSON.stringify(written(path, value)));
      } catch (error) {
        said = (error as Error).message;
        expect((error as Error).name).toBe('UserMistake');
      }
      // What was written is quoted as it is.
      expect(said.replace(/ is .*: must/g, ': must')).not.toMatch(
        /input|expected|received|discriminator|too (small|big)|null|undefined|is not allowed here/i,
      );
    }
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
  [
    'tasks: [a]\nglm:\n  drift: { kind: cosine, period: 1 }',
    /study\.yaml:3: glm\.drift\.period is 1: must be at least 2\.$/,
  ],
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

test('a study may say where its schema lies, which changes nothing', () => {
  const { study } = parseStudy('$schema: ../study.schema.json\ntasks: [a]\n', 'study.yaml');
  const { $schema, ...rest } = study;
  expect($schema).toBe('../study.schema.json');
  expect(rest).toEqual(parseStudy('tasks: [a]\n', 'study.yaml').study);
});
