import type { LesionRow, LesionSelectivity } from '@galvani/artifact';
import { expect, test } from 'vitest';
import { lesionSentences, lesionSets } from '../../src/findings/lesion.js';
import { neededNetworks } from '../../src/findings/verdicts/needed-networks.js';
import type { StudyResults } from '../../src/results/study-results.js';
import { lesionSection } from '../../src/sections/lesion.js';

const lesion = { sites: 'activation', kind: 'mean', dose: 1, units: 9 };
const selectivity = (network: string, value: number, p: number, more: object = {}): LesionSelectivity => ({
  ...{
    ...lesion,
    network,
    own: value + 0.01,
    others: 0.01,
    selectivity: value,
    lower: value - 0.02,
    upper: value + 0.02,
  },
  ...{ controls: 99, control_selectivity: 0.01, control_spread: 0.01, p, p_over_networks: p, opposite_p: 1 - p },
  ...{ opposite_p_over_networks: 1 - p, mean_imbalance: 0.01, spread_imbalance: 0.02 },
  ...more,
});
const cell = (network: string, topic: string, change: number): LesionRow => ({
  ...{
    ...lesion,
    network,
    topic,
    texts: 36,
    loss: 4,
    change,
    lower: change - 0.02,
    upper: change + 0.02,
    controls: 99,
  },
  ...{
    control_change: 0.01,
    control_spread: 0.01,
    p: 0.01,
    p_over_matrix: 0.01,
    opposite_p: 1,
    opposite_p_over_matrix: 1,
  },
});
const matrix = ['cooking', 'music'].flatMap((network) => [cell(network, 'cooking', 0.1), cell(network, 'rest', 0.01)]);
const of = (rows: LesionSelectivity[]) =>
  ({
    lesion: { matrix, selectivity: rows },
    tasks: ['cooking', 'music'],
    plan: { glm: {} },
  }) as unknown as StudyResults;

test('networks that the model needs are named, with what they cost', () => {
  const results = of([
    selectivity('cooking', 0.1, 0.01),
    selectivity('music', 0.02, 0.4),
    selectivity('music', 0.5, 0.01, { dose: 0.5 }),
  ]);
  const [needed, most] = lesionSentences(results);
  expect(needed).toBe(
    'Without its network (units of activation sites, their mean over off blocks in their place) the model predicts 1 of 2 topics worse, beside the others, than without as many matched units (p at most .05 over networks): cooking.',
  );
  expect(most).toContain('Most so cooking: unseen texts of it cost 0.110 nats a token more');
  const [verdict] = neededNetworks(results);
  expect(verdict).toMatchObject({ verdict: 'supported', p: 0.01, effect: { value: 0.1 } });
  expect(lesionSets(results)[0].doses).toHaveLength(3);
  expect(lesionSection(results)!.markup).toContain('lesion-matrix-1');
});

test('lesions that do no more than control units are no evidence, and ones that do less speak against', () => {
  const none = of([selectivity('cooking', 0.03, 0.2), selectivity('music', 0.02, 0.4)]);
  expect(lesionSentences(none)[0]).toContain(
    'the model predicts none of 2 topics worse, beside the others, than without as many matched units (least p over networks 0.20',
  );
  expect(neededNetworks(none)[0].verdict).toBe('no evidence');
  const wide = of([selectivity('cooking', 0.1, 0.01, { lower: -0.01 })]);
  expect(neededNetworks(wide)[0].verdict).toBe('no evidence');
  const less = of([selectivity('cooking', -0.1, 0.99), selectivity('music', -0.1, 0.98)]);
  expect(neededNetworks(less)[0].verdict).toBe('against');
});

test('a study without lesions says nothing of them, and one with nothing to lesion says that', () => {
  const without = { tasks: ['cooking'] } as unknown as StudyResults;
  expect(lesionSentences(without)).toEqual([]);
  expect(neededNetworks(without)).toEqual([]);
  expect(lesionSection(without)).toBeUndefined();
  const empty = { lesion: { matrix: [], selectivity: [] } } as unknown as StudyResults;
  expect(neededNetworks(empty)[0].verdict).toBe('cannot be said');
  expect(lesionSection(empty)!.markup).toContain('No network has units that could be lesioned');
});
