import type { Component, Distance } from '@galvani/artifact';
import { expect, test } from 'vitest';
import { componentSentence, followedTasks, geometrySentences } from '../../src/findings/geometry.js';
import type { StudyResults } from '../../src/results/study-results.js';
import { geometrySection } from '../../src/sections/geometry.js';

const pair = (task_a: string, task_b: string, distance: number, p_over_pairs: number): Distance => ({
  ...{ task_a, task_b, distance, lower: distance - 0.1, upper: distance + 0.1, error: 0.05 },
  ...{ p: p_over_pairs / 3, p_over_pairs, units: 80 },
});
const component = (number: number, task: string, r: number, p_over_all: number): Component => ({
  ...{ component: number, task, share: 0.1, stability: 1, r, p: p_over_all, p_over_all, map_r: r, members_z: r },
});
const ceiling = (p: number) => [{ session: 0, lower: 0.6, upper: 0.9, p }];
const of = (geometry: object, facts: object = {}) =>
  ({
    tasks: ['cats', 'dogs', 'big-cars'],
    geometry,
    manifests: new Map([['geometry', { facts }]]),
  }) as unknown as StudyResults;

test('which tasks lie near and far, and whether sessions agree', () => {
  const distances = [
    pair('cats', 'big-cars', 1, 0.01),
    pair('cats', 'dogs', 0.2, 0.06),
    pair('dogs', 'big-cars', 0.8, 0.01),
    pair('cats', 'rest', 3, 0.01),
  ];
  const [differ, agree] = geometrySentences(of({ distances, ceiling: ceiling(0.01) }));
  expect(differ).toContain('Activity differs between 2 of the 3 pairs of tasks');
  expect(differ).toContain(
    'cats and dogs (0.20, 95% interval 0.10 to 0.30) lie nearest to each other, cats and big cars',
  );
  expect(agree).toBe(
    'Sessions agree on that: the distances of one correlate at 0.60 with those of the others (p 0.010).',
  );
  expect(geometrySentences(of({ distances, ceiling: ceiling(0.4) }))[1]).toContain(
    'do not agree on that beyond chance',
  );
  expect(geometrySentences(of({ distances, ceiling: [] }))).toHaveLength(1);
});

test('where no pair differs none is called near', () => {
  const distances = [pair('cats', 'dogs', -0.01, 1), pair('cats', 'big-cars', 0.02, 0.4)];
  const [said] = geometrySentences(of({ distances }));
  expect(said).toContain('None of the 2 pairs of tasks differs');
  expect(said).toContain('at least 0.400');
  expect(said).not.toContain('nearest');
});

test('which tasks components follow', () => {
  const components = [
    component(1, 'cats', -0.5, 0.01),
    component(1, 'dogs', 0.7, 0.01),
    component(2, 'cats', 0.1, 0.9),
    component(2, 'dogs', 0.1, 0.9),
  ];
  expect(followedTasks(components, 1)).toEqual(['dogs', 'cats (less)']);
  expect(componentSentence(of({ components }))).toMatch(
    /^1 of 2 components follows a task .* between them all 2 tasks\.$/,
  );
  expect(componentSentence(of({ components: components.slice(2) }))).toContain('Of 1 component none follows a task');
  expect(componentSentence(of({}))).toBeUndefined();
});

test('what was not measured is said, with its reason', () => {
  expect(geometrySection(of({})).markup).toContain('have not been measured yet');
  const nothing = 'distances are validated across sessions, and the study has one';
  expect(geometrySection(of({ distances: [] }, { nothing })).markup).toContain(`how far tasks lie apart: ${nothing}.`);
});
