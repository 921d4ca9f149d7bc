import { readFileSync } from 'node:fs';
import { UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseStudy } from '../src/study-file.js';

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** Every field that a study may have, as a path; `x` stands for a name that a person chooses. */
function fields(schema: JsonSchema, path: (string | number)[] = []): (string | number)[][] {
  const below = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, own]) => fields(own, [...path, name])),
    ...(typeof schema.additionalProperties === 'object' ? fields(schema.additionalProperties, [...path, 'x']) : []),
    ...(schema.items ? fields(schema.items, [...path, 0]) : []),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((own) => fields(own, path)),
  ];
  return path.length > 0 ? [path, ...below] : below;
}

function withField(path: (string | number)[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const inner = withField(rest, value);
  return typeof first === 'number' ? [inner] : { [first]: inner };
}

const schema: JsonSchema = JSON.parse(readFileSync(new URL('../study.schema.json', import.meta.url), 'utf8'));
const wrong = [null, '', 'no such thing', -1, 0.5, 1e9, true, [], [[]], [null], {}, { y: 1 }, '2026-01-01', Number.NaN];

test('what is wrong in any field is told in words of our own', () => {
  const all = [...new Map(fields(schema).map((path) => [JSON.stringify(path), path])).values()];
  expect(all.length).toBeGreaterThan(60);
  let told = 0;
  for (const path of all)
    for (const value of wrong) {
      const study = { tasks: ['a'], ...(withField(path, value) as object) };
      try {
        parseStudy(stringify(study), 'study.yaml');
      } catch (error) {
        told++;
        const { message } = error as Error;
        expect(error, message).toBeInstanceOf(UserMistake);
        // Zod's own sentences.
        expect(message).not.toMatch(/Invalid|Unrecognized|Too (small|big)|[Ee]xpected .*received|undefined|\[object/);
        expect(message).toMatch(/^study\.yaml:\d+: /);
      }
    }
  expect(told).toBeGreaterThan(5 * all.length);
});
