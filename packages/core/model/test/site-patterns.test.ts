import { expect, test } from 'vitest';
import { type Site, selectSites } from '../src/index.js';

const names = [
  'embed',
  'layers.0.fc1',
  'layers.0.fc2',
  'layers.0',
  'layers.1.fc1',
  'layers.1',
  'layers.10.fc1',
  'lm_head',
];
const sites: Site[] = names.map((name) => ({ name, width: 1, kind: 'linear', layer: 'final' }));
const chosen = (include?: string[], exclude?: string[]) =>
  selectSites(sites, { include, exclude }).map(({ name }) => name);

test.each([
  [undefined, undefined, names],
  [['*'], ['lm_head'], names.slice(0, -1)],
  [['layers.?'], undefined, ['layers.0', 'layers.1']],
  [['*.fc1'], undefined, ['layers.0.fc1', 'layers.1.fc1', 'layers.10.fc1']],
  [['layers.{0,1}.fc*'], undefined, ['layers.0.fc1', 'layers.0.fc2', 'layers.1.fc1']],
  [['layers.[0-9].fc1'], undefined, ['layers.0.fc1', 'layers.1.fc1']],
  [['layers.[!0].fc1'], undefined, ['layers.1.fc1']],
  [['lm_head', 'embed'], undefined, ['embed', 'lm_head']],
])('include %j, exclude %j', (include, exclude, expected) => {
  expect(chosen(include, exclude)).toEqual(expected);
});

test('a pattern that matches nothing names the nearest sites', () => {
  expect(() => chosen(['layers.1.fc2'])).toThrow(/"layers\.1\.fc2" matches none.*layers\.0\.fc2, layers\.1\.fc1/);
  expect(() => chosen(['*'], ['heads'])).toThrow(/"heads" matches none/);
});

test('nothing left is a mistake', () => {
  expect(() => chosen(['embed'], ['e*'])).toThrow(/no site is left/);
});
