import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { architectures } from '../packages/core/model/src/architectures/registry.js';
import { encoderModels, referenceModels } from '../packages/core/model/test/reference.js';

/** Rows of the table in docs/models.md, which `npm run docs:models` writes. */
const rows = readFileSync(new URL('../docs/models.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => /^\| `([\w-]+)` \| (.*?) \| (.*?) \| (\d+) \| (\S+) \|$/.exec(line))
  .flatMap((match) =>
    match ? [{ type: match[1], family: match[2], checkpoints: match[3].split(', '), worst: match[5] }] : [],
  );

test('docs/models.md lists every model type that is built, and no other', () => {
  const built = architectures.flatMap(({ name, modelTypes }) => modelTypes.map((type) => `${type} ${name}`));
  expect(rows.map(({ type, family }) => `${type} ${family}`)).toEqual(built.sort());
});

test.each(rows)(
  '$type was compared on checkpoints of its own that are in the tests',
  ({ type, checkpoints, worst }) => {
    for (const name of checkpoints) {
      const folder = referenceModels[name] ?? encoderModels[name];
      expect(existsSync(`${folder}/expected.safetensors`), name).toBe(true);
      expect(JSON.parse(readFileSync(`${folder}/config.json`, 'utf8')).model_type).toBe(type);
    }
    expect(Number(worst)).toBeLessThan(1e-4);
  },
);
