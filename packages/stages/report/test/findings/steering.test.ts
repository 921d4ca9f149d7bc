import type { SteerRow } from '@galvani/artifact';
import { clopperPearson, randomStream } from '@galvani/numerics';
import { type SteeredTask, steerRows } from '@galvani/steer';
import { expect, test } from 'vitest';
import { steeringSentences, surestShifts } from '../../src/findings/steering.js';
import { steeredNetworks } from '../../src/findings/verdicts/steered-networks.js';
import type { StudyResults } from '../../src/results/study-results.js';
import { steeringSection } from '../../src/sections/steering.js';

const row = (task: string, strength: number, shift: number, p: number, more: object = {}): SteerRow => ({
  ...{
    task,
    strength,
    units: 9,
    openings: 12,
    probability: 0.1 + shift,
    shift,
    lower: shift - 0.1,
    upper: shift + 0.1,
  },
  ...{ directions: strength === 0 ? 0 : 20, random_shift: 0.01, random_spread: 0.02, random_least: -0.05 },
  ...{ random_most: 0.05, p, p_over_family: p, opposite_p: 1, opposite_p_over_family: 1 },
  ...{ text_loss: 3, random_text_loss: 3.1, read_change: 0.2, random_read_change: 0.1 },
  ...more,
});
const sample = (strength: number, direction: string) => ({
  ...{
    task: 'cooking',
    strength,
    direction,
    prompt_id: 'a',
    opening: 'The <b>',
    text: ' pan',
    probability: 0.4,
    loss: 3,
  },
});
const of = (shift: SteerRow[], texts = 10, right = 7) =>
  ({
    steer: {
      shift,
      decoder: [{ session: 1, texts, right, topics: 3 }],
      samples: [sample(0, 'network'), sample(2, 'network'), sample(2, 'random')],
    },
    tasks: ['cooking', 'music'],
  }) as unknown as StudyResults;

test('what is written more is named, with its judge and its cost', () => {
  const results = of([
    row('cooking', 0, 0, Number.NaN),
    row('cooking', 2, 0.4, 0.02),
    row('cooking', 1, 0.1, 0.3),
    row('music', 2, 0.02, 0.5),
  ]);
  const [moved, surest] = steeringSentences(results);
  expect(moved).toContain(
    'writes more of 1 of 2 tasks than untouched and than along random directions of equal norm: cooking',
  );
  expect(moved).toContain('finds the task of 7 of 10 untouched texts that it did not learn from; by chance one in 3');
  expect(surest).toContain('cooking at strength 2: probability 0.40 more');
  expect(surest).toContain('it costs 0.20 nats a token on other texts');
  expect(surestShifts(results).map(({ strength }) => strength)).toEqual([2, 2]);
  const { markup } = steeringSection(results)!;
  expect(markup).toContain('steering-curve');
  expect(markup).toContain('The &lt;b&gt;');
});

test('damping shifts nothing towards a task, and a study that nobody steered says nothing', () => {
  expect(steeringSentences(of([row('cooking', 2, 0.03, 0.3)]))[0]).toContain('writes of none of 1 task surely more');
  expect(steeringSentences(of([row('cooking', -2, -0.3, 0.01)]))).toEqual([]);
  const without = { tasks: ['cooking'] } as unknown as StudyResults;
  expect(steeringSentences(without)).toEqual([]);
  expect(steeringSection(without)).toBeUndefined();
  expect(steeringSection(of([]))!.markup).toContain('No network has members');
});

const verdictOf = (results: StudyResults) => steeredNetworks(results)[0].verdict;

test('a task that is written more supports the claim, and the surest is its effect', () => {
  const [found] = steeredNetworks(
    of([
      row('cooking', 1, 0.2, 0.04),
      row('cooking', 2, 0.4, 0.025),
      row('music', 2, 0.02, 0.5),
      row('music', -2, 9, 0.025),
    ]),
  );
  expect(found).toMatchObject({ verdict: 'supported', p: 0.025 });
  expect(found.effect).toMatchObject({ what: 'cooking at strength 2, shift of probability', value: 0.4 });
  expect(found.effect!.lower).toBeCloseTo(0.3, 12);
  expect(found.words).toContain(
    'At strengths 1 and 2, after 12 openings on other topics: 1 of 2 tasks is written more than untouched and than along 20 random directions of equal norm',
  );
  expect(found.words).toContain('finds the task of 7 of 10 untouched texts; by chance one in 3.');
});

test('p and the interval both have to speak for a task', () => {
  const wide = row('cooking', 4, 0.5, 0.02, { lower: -0.01 });
  expect(verdictOf(of([row('cooking', 2, 0.4, 0.06)]))).toBe('no evidence');
  expect(verdictOf(of([wide]))).toBe('no evidence');
  expect(steeringSentences(of([wide]))[0]).toContain('of none of 1 task surely more');
  // Another strength of the same task may be surer.
  expect(steeredNetworks(of([wide, row('cooking', 2, 0.4, 0.03)]))[0]).toMatchObject({ verdict: 'supported', p: 0.03 });
});

test('less of every task at every strength is against, unless random directions do as little', () => {
  const less = (opposite_p_over_family: number) => row('music', 1, -0.3, 1, { opposite_p_over_family });
  const shift = row('cooking', 1, -0.2, 0.99, { opposite_p_over_family: 0.03 });
  expect(verdictOf(of([shift, less(0.04)]))).toBe('against');
  expect(verdictOf(of([shift, less(0.2)]))).toBe('no evidence');
});

test('what could not be found, or was not amplified, cannot be said', () => {
  expect(steeredNetworks({})).toEqual([]);
  expect(verdictOf(of([]))).toBe('cannot be said');
  expect(steeredNetworks(of([row('cooking', -2, -0.3, 1)]))[0].words).toContain('no network was amplified');
  expect(verdictOf(of([row('cooking', 2, 0.3, 0.1, { directions: 9 })]))).toBe('cannot be said');
});

test('a decoder of words that is at chance is no witness, and one that was not tried is said to be so', () => {
  const shift = [row('cooking', 2, 0.4, 0.02)];
  expect(steeredNetworks(of(shift, 10, 4))[0]).toMatchObject({ verdict: 'no evidence' });
  const [untried] = steeredNetworks(of(shift, 0, 0));
  expect(untried.verdict).toBe('supported');
  expect(untried.words).toContain('could not be tried');
  expect(steeringSentences(of(shift, 0, 0))[0]).not.toContain('decoder');
});

test('networks that are directions like any other support the claim in at most 5% of studies, and few speak against it', () => {
  const [studies, directions, openings] = [80, 39, 12];
  const wrong = { supported: 0, against: 0 };
  for (let seed = 0; seed < studies; seed++) {
    const stream = randomStream(seed, 'null steering');
    const cells = ['cooking', 'music', 'chess'].flatMap((task): SteeredTask[] => {
      // A direction moves all openings alike, and the more the stronger it is, so that intervals over openings often lie above 0.
      const moves = Array.from({ length: directions + 1 }, () => stream.normal());
      return [1, 4].map((strength) => {
        const [network, ...random] = moves.map((move) => ({
          probability: Float64Array.from({ length: openings }, () => 0.1 * (strength * move + stream.normal())),
          ...{ textLoss: new Float64Array(openings), readChange: 0 },
        }));
        return { task, strength, units: 9, network, random, untouched: new Float64Array(openings) };
      });
    });
    const said = verdictOf(of(steerRows(cells, seed)));
    if (said === 'supported' || said === 'against') wrong[said]++;
  }
  for (const [said, count] of Object.entries(wrong))
    expect(clopperPearson(count, studies).lower, said).toBeLessThanOrEqual(0.05);
});
