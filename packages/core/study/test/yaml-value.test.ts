import { parseStudy } from '@galvani/study';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const parse = (text: string) => parseStudy(text, 'study.yaml').study;

test('an alias stands for what its anchor names, in lists, mappings and dictionaries', () => {
  const { tasks, glm } = parse(
    'tasks: &t [a, b]\nrest: { topics: [c] }\nglm: { conjunctions: { x: *t, y: *t }, contrasts: &c { p: a - b } }\n',
  );
  expect(tasks).toEqual(['a', 'b']);
  expect(glm.conjunctions).toEqual([
    ['x', ['a', 'b']],
    ['y', ['a', 'b']],
  ]);
  expect(glm.contrasts).toEqual([['p', 'a - b']]);
});

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
  .concat(['b', 'c', 'd', 'e', 'f', 'g'].map((name, i) => `${name}: &${name} [${`*${'abcdef'[i]}, `.repeat(10)}]`))
  .join('\n');

test.each([
  ['tasks: &a [*a]', 'study.yaml:1: *a stands inside of what it stands for.'],
  ['tasks: [a]\nglm: &g\n  contrasts: *g', 'study.yaml:3: *g stands inside of what it stands for.'],
  ['tasks: [a]\nglm: { contrasts: &c { x: *c } }', '*c stands inside of what it stands for.'],
  ['tasks: *a', 'study.yaml:1: there is no anchor &a above this alias.'],
  [bomb, 'aliases repeat values more than 100000 times'],
  ['base: &b { seed: 3 }\n<<: *b\ntasks: [a]', 'study.yaml:2: merge keys (<<) are not part of YAML 1.2'],
  ['tasks: [a]\nglm: { contrasts: { ? [a, b] : x } }', 'study.yaml:2: a key of a mapping is a single word or text.'],
  [`tasks: ${'['.repeat(200)}${']'.repeat(200)}`, 'study.yaml:1: values are nested more than 100 deep.'],
  [`tasks: ${'['.repeat(20_000)}`, 'study.yaml:'],
  ['__proto__: 3\ntasks: [a]', "study.yaml:1: there is no field '__proto__'"],
  ['constructor: 3\ntasks: [a]', "study.yaml:1: there is no field 'constructor'"],
  ['tasks: [a]\ndesign: { __proto__: { sessions: 1 } }', "study.yaml:2: there is no field 'design.__proto__'"],
  ['tasks: [a]\nglm: { contrasts: 3 }', 'study.yaml:2: glm.contrasts is 3: must be a mapping from names to values.'],
  ['tasks: [a]\nglm: { contrasts: { x: 3 } }', 'study.yaml:2: glm.contrasts.x is 3: must be text ("3", in quotes).'],
  ['tasks: [a]\nglm: { contrasts: { x: } }', 'study.yaml:2: glm.contrasts.x is empty: must be text.'],
  ['tasks: [a]\nglm: { contrasts: { x/y: a } }', 'study.yaml:2: glm.contrasts.x/y is "a": its name must be letters'],
  ['tasks: [a]\nglm: { contrasts: { ..: a } }', 'study.yaml:2: glm.contrasts... is "a": its name must be letters'],
  [`tasks: [a]\nglm: { contrasts: { ? ${'x'.repeat(101)} : a } }`, 'its name may have at most 100 characters'],
  [`tasks: [${'x'.repeat(101)}]`, 'must have at most 100 characters'],
  ['tasks: [a]\nglm: { contrasts: { x: a, x: b } }', 'Map keys must be unique'],
  ['tasks: [1]', 'study.yaml:1: tasks.0 is 1: must be text ("1", in quotes).'],
  ['- a', 'study.yaml:1: the study is ["a"]'],
])('%j is answered with a sentence', (text, message) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'UserMistake' }));
  expect(() => parse(text)).toThrow(message);
});

test('names of contrasts and conjunctions come out as they were written, in their order, whatever they are', () => {
  const name = fc.oneof(
    fc.constantFrom('constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'length', '10', '1', '02'),
    fc.stringMatching(/^[\w][\w. +-]{0,8}$/),
  );
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 8 }), (names) => {
      const lines = names.map((each, i) => `    ${JSON.stringify(each)}: ${i + 1} * a`);
      const both = names.map((each) => `    ${JSON.stringify(each)}: [a, b]`);
      const { glm } = parse(
        `tasks: [a, b]\nglm:\n${names.length ? `  contrasts:\n${lines.join('\n')}\n  conjunctions:\n${both.join('\n')}` : '  noise: ols'}\n`,
      );
      expect(glm.contrasts).toEqual(names.map((each, i) => [each, `${i + 1} * a`]));
      expect(glm.conjunctions ?? []).toEqual(names.map((each) => [each, ['a', 'b']]));
    }),
  );
});
