import { expect, test } from 'vitest';
import { findUnit } from '../../src/map/find-unit.js';

const sites = ['model.layers.0.fc1', 'model.layers.1.fc1', 'model.layers.11.fc1', 'lm_head'].map((site, s) => ({
  ...{ site, kind: '', layer: '', width: 8, start: 8 * s },
}));
const found = (words: string) => {
  const one = findUnit(sites, words);
  return 'problem' in one ? one.problem : `${one.site.site} ${one.unit}`;
};

test('a unit is found by its site’s path, or a part of it that is one site’s alone', () => {
  expect(found('model.layers.1.fc1:7')).toBe('model.layers.1.fc1 7');
  expect(found(' layers.1.fc1 : 7 ')).toBe('model.layers.1.fc1 7');
  expect(found('layers.11.fc1 3')).toBe('model.layers.11.fc1 3');
  expect(found('head')).toBe('lm_head 0');
  expect(found('lm_head:')).toBe('lm_head 0');
});

test('what is not one unit is told', () => {
  expect(found('')).toMatch(/^Write a site/);
  expect(found('fc1:0')).toMatch(/^3 sites are called so, such as model\.layers\.0\.fc1/);
  expect(found('fc9:0')).toBe('No site is called fc9.');
  expect(found('lm_head:8')).toBe('lm_head has units 0 to 7.');
});
