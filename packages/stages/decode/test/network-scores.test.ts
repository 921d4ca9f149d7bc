import { scoreNetworks } from '@galvani/decode';
import { benjaminiHochberg, tLogTwoSided } from '@galvani/numerics';
import { effectSign } from '@galvani/results';
import { effectModel, taskEffect } from '@galvani/statistics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../test/closeness.js';

import { prompts, recordedSessions, taskPrompts } from './recorded-runs.js';

const [units, width] = [1100, 5];
const rest = prompts - taskPrompts;
const model = effectModel({ task: taskPrompts, rest, runs: 2 }, 'separate');
const training = recordedSessions({ sessions: 2, tasks: 3, units, seed: 1, effect: 2 }).map((session) =>
  session.map(({ sums }) => sums),
);
const patterns = Float64Array.from(
  recordedSessions({ sessions: 1, tasks: 1, units, seed: 2 })[0][0].means.subarray(0, units * width),
);
const sources = [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => [a, b]));
const plain = { minimumEffect: 0.5, sign: 'both' } as const;

/** The same one network at a time, from whole maps. */
function expectedScores(source: number[], belongs: (z: number, logP: number, u: number) => boolean, rule = plain) {
  const { z, d, t, df } = taskEffect(
    model,
    source.map((run, s) => training[s][run]),
  );
  const logP = t.map((own, u) => tLogTwoSided(own, df[u]));
  const members = [...z.keys()].filter((u) => belongs(Math.abs(z[u]), logP[u], u) && effectSign(d[u], rule) !== 0);
  return Array.from({ length: width }, (_, k) => {
    const product = members.reduce((sum, u) => sum + d[u] * patterns[u * width + k], 0);
    const length = (of: (u: number) => number) => Math.sqrt(members.reduce((sum, u) => sum + of(u) ** 2, 0));
    return members.length === 0
      ? Number.NEGATIVE_INFINITY
      : product / length((u) => d[u]) / length((u) => patterns[u * width + k]);
  });
}

test('a score is the cosine of a network’s effects with activity, whatever is computed together', async () => {
  for (const rule of [plain, { minimumEffect: 2, sign: 'positive' } as const]) {
    const found = await scoreNetworks({ training, sources, patterns, model, rule, threshold: 2.5 });
    const expected = sources.flatMap((source) => expectedScores(source, (z) => z >= 2.5, rule as typeof plain));
    expectWithinAbsolute(found.scores, expected, 1e-9);
    // A part of the sources gives that part of the scores.
    const some = [sources[1], sources[5]];
    const part = await scoreNetworks({ training, sources: some, patterns, model, rule, threshold: 2.5 });
    expectWithinAbsolute(
      part.scores,
      [1, 5].flatMap((i) => [...found.scores.subarray(i * width, (i + 1) * width)]),
      0,
    );
  }
});

test('with an adjustment each network is that of its own p', async () => {
  const threshold = { adjust: benjaminiHochberg, alpha: 0.05, tested: units };
  const found = await scoreNetworks({ training, sources, patterns, model, rule: plain, threshold });
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
  const asked = { training, sources, patterns, model, rule: plain, threshold: Number.POSITIVE_INFINITY };
  const { scores, members } = await scoreNetworks(asked);
  expect(members.every((count) => count === 0)).toBe(true);
  expect(scores.every((score) => score === Number.NEGATIVE_INFINITY)).toBe(true);
});

test('a match lies in -1 to 1, changes its sign with the activity, and does not grow with it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -1000, max: 1000 }), async (scale) => {
      const score = async (factor: number) => {
        const scaled = patterns.map((own) => factor * own);
        const asked = { training, sources: [[0, 0]], patterns: scaled, model, rule: plain, threshold: 2.5 };
        return (await scoreNetworks(asked)).scores;
      };
      const [one, other] = [await score(1), await score(scale)];
      expectWithinAbsolute(
        other,
        one.map((own) => Math.sign(scale) * own),
        1e-12,
      );
      expect(one.every((own) => Math.abs(own) <= 1 + 1e-12)).toBe(true);
    }),
    { numRuns: 10 },
  );
});
