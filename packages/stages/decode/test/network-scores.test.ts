import { scoreNetworks } from '@galvani/decode';
import { benjaminiHochberg, tLogTwoSided } from '@galvani/numerics';
import { effectSign, strongestShare } from '@galvani/results';
import { effectModel, taskDeviates, taskEffect } from '@galvani/statistics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../test/closeness.js';

import { prompts, recordedSessions, taskPrompts } from './recorded-runs.js';

const [units, width] = [1100, 5];
const rest = prompts - taskPrompts;
const model = effectModel({ task: taskPrompts, rest, runs: 2 }, 'separate');
const recorded = recordedSessions({ sessions: 2, tasks: 3, units, seed: 1, effect: 2 });
const training = recorded.map((session) => session.map(({ sums }) => sums));
const profiles = recorded.map((session) => session.map(({ means }) => Float64Array.from(means.subarray(0, units))));
const patterns = Float64Array.from(
  recordedSessions({ sessions: 1, tasks: 1, units, seed: 2 })[0][0].means.subarray(0, units * width),
);
const sources = [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => [a, b]));
const atLeast = (least: number, statistic: 't' | 'z' = 'z') => ({ statistic, least });
const plain = { minimumEffect: 0.5, sign: 'both' } as const;

/** The same one network at a time, from whole maps. */
function expectedScores(source: number[], belongs: (z: number, logP: number, u: number) => boolean, rule = plain) {
  const effect = taskEffect(
    model,
    source.map((run, s) => training[s][run]),
  );
  const { d, t, df } = effect;
  const z = taskDeviates(effect);
  const logP = t.map((own, u) => tLogTwoSided(own, df[u]));
  const members = [...z.keys()].filter((u) => belongs(Math.abs(z[u]), logP[u], u) && effectSign(d[u], rule) !== 0);
  return Array.from({ length: width }, (_, k) => {
    const profile = (u: number) => source.reduce((sum, run, s) => sum + profiles[s][run][u], 0) / source.length;
    const length = Math.sqrt(members.reduce((sum, u) => sum + profile(u) ** 2, 0));
    const along = members.reduce((sum, u) => sum + profile(u) * patterns[u * width + k], 0) / length;
    return members.length === 0 ? Number.NEGATIVE_INFINITY : along - length / 2;
  });
}

test('a score is the way beyond the middle of rest and task, whatever is computed together', async () => {
  for (const rule of [plain, { minimumEffect: 2, sign: 'positive' } as const]) {
    const found = await scoreNetworks({ training, profiles, sources, patterns, model, rule, threshold: atLeast(2.5) });
    const expected = sources.flatMap((source) => expectedScores(source, (z) => z >= 2.5, rule as typeof plain));
    expectWithinAbsolute(found.scores, expected, 1e-9);
    // A part of the sources gives that part of the scores.
    const some = [sources[1], sources[5]];
    const part = await scoreNetworks({
      training,
      profiles,
      sources: some,
      patterns,
      model,
      rule,
      threshold: atLeast(2.5),
    });
    expectWithinAbsolute(
      part.scores,
      [1, 5].flatMap((i) => [...found.scores.subarray(i * width, (i + 1) * width)]),
      0,
    );
  }
});

test('a threshold of t asks the same t of units with any degrees of freedom', async () => {
  const threshold = atLeast(3, 't');
  const found = await scoreNetworks({ training, profiles, sources, patterns, model, rule: plain, threshold });
  const expected = sources.flatMap((source) => {
    const { t } = taskEffect(
      model,
      source.map((run, s) => training[s][run]),
    );
    return expectedScores(source, (_z, _p, u) => Math.abs(t[u]) >= 3);
  });
  expectWithinAbsolute(found.scores, expected, 1e-9);
});

test.each(['both', 'positive'] as const)(
  'the strongest units of each network, %s, are those of its own t',
  async (sign) => {
    const rule = { minimumEffect: 5, sign, top: 30 / units };
    const found = await scoreNetworks({
      training,
      profiles,
      sources,
      patterns,
      model,
      rule,
      threshold: { strongest: 30 },
    });
    const expected = sources.flatMap((source) => {
      const { t } = taskEffect(
        model,
        source.map((run, s) => training[s][run]),
      );
      const members = strongestShare(t, rule.top, sign);
      return expectedScores(source, (_z, _p, u) => members[u] !== 0, rule as never);
    });
    expectWithinAbsolute(found.scores, expected, 1e-9);
    expect([...found.members]).toEqual(sources.map(() => 30));
  },
);

test('with an adjustment each network is that of its own p', async () => {
  const threshold = { adjust: benjaminiHochberg, alpha: 0.05, tested: units };
  const found = await scoreNetworks({ training, profiles, sources, patterns, model, rule: plain, threshold });
  const expected = sources.flatMap((source) => {
    const { t, df } = taskEffect(
      model,
      source.map((run, s) => training[s][run]),
    );
    const q = benjaminiHochberg(t.map((own, u) => tLogTwoSided(own, df[u])));
    return expectedScores(source, (_z, _p, u) => q[u] <= Math.log(0.05));
  });
  expectWithinAbsolute(found.scores, expected, 1e-9);
});

test('a network beyond every unit is empty and matches nothing', async () => {
  const asked = {
    training,
    profiles,
    sources,
    patterns,
    model,
    rule: plain,
    threshold: atLeast(Number.POSITIVE_INFINITY),
  };
  const { scores, members } = await scoreNetworks(asked);
  expect(members.every((count) => count === 0)).toBe(true);
  expect(scores.every((score) => score === Number.NEGATIVE_INFINITY)).toBe(true);
});

test('the profile itself is as far beyond the middle as rest is before it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -1000, max: 1000 }), async (scale) => {
      const [a, b] = profiles.map((session) => session[0]);
      const own = a.map((value, u) => (scale * (value + b[u])) / 2);
      const asked = { training, profiles, sources: [[0, 0]], model, rule: plain, threshold: atLeast(2.5) };
      const score = async (pattern: Float64Array) => (await scoreNetworks({ ...asked, patterns: pattern })).scores[0];
      const atRest = await score(new Float64Array(units));
      expect(atRest).toBeLessThan(0);
      expect((await score(own)) / atRest).toBeCloseTo(1 - 2 * scale, 9);
    }),
    { numRuns: 10 },
  );
});
