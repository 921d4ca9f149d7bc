/** Networks that are any units of a model with random weights: p of their lesions are uniform, and whole families are right. */
import { openLossSubject } from '@galvani/model';
import { randomStream } from '@galvani/numerics';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { referenceModels } from '../../../core/model/test/reference.js';
import { changesOf } from '../src/lesion-changes.js';
import { selectivityRows } from '../src/lesion-rows.js';
import { measureLosses } from '../src/measured-losses.js';
import { networkLesion } from '../src/network-lesions.js';
import type { SiteAtRest } from '../src/rest-activity.js';

const [studies, controls, textsPerTopic] = [40, 19, 4];
const topics = ['cats', 'dogs', 'rest'].map((topic, k) => ({
  ...{ topic, texts: Array.from({ length: textsPerTopic }, (_, t) => textsPerTopic * k + t) },
}));
let rows: { p: number; p_over_networks: number; opposite_p: number }[][];

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  const subject = await openLossSubject(referenceModels.gpt2, { interventions: { include: ['*.act'] } });
  const stream = randomStream(7, 'null lesions');
  const texts = Array.from({ length: textsPerTopic * topics.length }, () => ({
    tokens: Int32Array.from({ length: 8 }, () => stream.integer(50)),
    scoredFrom: 1,
  }));
  const sites = subject.intervened.map(({ name, kind, layer, width }) => ({
    site: name,
    kind,
    layer,
    width,
    start: 0,
  }));
  const atRest = new Map<string, SiteAtRest>(
    sites.map(({ site, width }) => {
      const of = (draw: () => number) => Float64Array.from({ length: width }, draw);
      return [site, { mean: of(() => 0.3 * stream.normal()), spread: of(() => 0.1 + stream.uniform()), prompts: [] }];
    }),
  );
  const lesions = Array.from({ length: studies }, (_, study) =>
    ['cats', 'dogs'].map((network) => {
      const parts = sites.map((site) => {
        const candidates = Int32Array.from({ length: site.width }, (_, u) => u);
        const members = Int32Array.from(stream.shuffled([...candidates]).slice(0, site.width / 8)).sort();
        return { site, members, candidates };
      });
      const own = networkLesion(parts, atRest, 'mean', controls, [], [study, network]);
      return { sites: '*.act', kind: 'mean' as const, dose: 1, network, ...own };
    }),
  );
  const measured = await measureLosses(subject, lesions.flat(), texts, () => true, new AbortController().signal);
  const changes = measured.lesions.map((own) => changesOf(own, (losses) => losses));
  rows = lesions.map((_, study) => selectivityRows(changes.slice(2 * study, 2 * study + 2), topics, study));
  await subject.release();
});
afterAll(() => vi.restoreAllMocks());

/** Kolmogorov and Smirnov's distance of p that are multiples of 1 / (controls + 1) from uniform. */
const distance = (p: readonly number[]) =>
  Math.max(
    ...Array.from({ length: controls + 1 }, (_, k) => {
      const limit = (k + 1) / (controls + 1);
      return Math.abs(p.filter((value) => value <= limit + 1e-9).length / p.length - limit);
    }),
  );

test('p of either tail are uniform', () => {
  const all = rows.flat();
  // The distance of uniform p is larger once in a thousand times.
  const bound = 1.95 / Math.sqrt(all.length);
  expect(distance(all.map(({ p }) => p))).toBeLessThan(bound);
  expect(distance(all.map((row) => row.opposite_p))).toBeLessThan(bound);
});

test('the smallest of a family is at most .05 in one family of twenty', () => {
  const wrong = rows.filter((family) => family.some((row) => row.p_over_networks <= 0.05 + 1e-9)).length;
  // More has a probability of one in a thousand: binomial, 40 families.
  expect(wrong).toBeLessThanOrEqual(7);
});
