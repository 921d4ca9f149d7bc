import { randomStream } from '@galvani/numerics';
import { describe, expect, test } from 'vitest';
import { expectWithinAbsolute, expectWithinRelative } from '../../../../../test/closeness.js';
import {
  chooseRuns,
  correlationsOf,
  fingerprinted,
  halvesOf,
  jackknife,
  likenessOverHalves,
  likenessOverSessions,
  mapProducts,
  mostAlike,
  relabelledP,
  relabelSessions,
  spearmanBrown,
  withinBetween,
} from '../../src/index.js';

/** Maps of sessions x tasks: what the task does plus noise. */
function mapsOf(tasks: number, sessions: number, strength: number, seed: number, units = 200): Float64Array[] {
  const random = randomStream(seed, 'maps');
  const draw = () => Float64Array.from({ length: units }, () => random.normal());
  const patterns = Array.from({ length: tasks }, draw);
  return Array.from({ length: sessions * tasks }, (_, r) =>
    draw().map((x, u) => x + strength * patterns[r % tasks][u]),
  );
}
const bearersOf = (tasks: number, sessions: number) =>
  Array.from({ length: sessions }, (_, s) => Array.from({ length: tasks }, (_, t) => s * tasks + t));

describe('halves', () => {
  test.each([
    [2, 1],
    [3, 3],
    [4, 3],
    [5, 15],
    [6, 10],
    [8, 35],
  ])('%i sessions have %i splits, each of two halves with nothing in common', (count, splits) => {
    const all = halvesOf(count);
    expect(
      new Set(
        all.map((halves) =>
          halves
            .map((half) => half.join())
            .sort()
            .join(' '),
        ),
      ),
    ).toHaveLength(splits);
    expect(all).toHaveLength(splits);
    for (const [a, b] of all) {
      expect(a).toHaveLength(Math.floor(count / 2));
      expect(new Set([...a, ...b])).toHaveLength(2 * Math.floor(count / 2));
    }
  });
  test('of many so many are drawn', () => {
    expect(halvesOf(20, 50)).toHaveLength(50);
    expect(halvesOf(1)).toEqual([]);
  });
});

test('halves brought to full length by Spearman and Brown have the reliability of the whole', () => {
  // Of four sessions with signal 1 and noise 1 each the mean map has reliability 1 / (1 + 1/4).
  const products = mapProducts(mapsOf(1, 4, 1, 5, 20_000)).products;
  const r = likenessOverHalves(products, bearersOf(1, 4), halvesOf(4))[0];
  expectWithinAbsolute(spearmanBrown(r), 0.8, 0.01);
  const single = likenessOverSessions(correlationsOf(products), bearersOf(1, 4))[0];
  expectWithinAbsolute(spearmanBrown(single, 4), 0.8, 0.01);
  expectWithinRelative(spearmanBrown(spearmanBrown(0.3, 2), 3), spearmanBrown(0.3, 6), 1e-12);
});

test('likeness of tasks is the mean over pairs of sessions, whatever the order of sessions and tasks', () => {
  const [tasks, sessions] = [3, 4];
  const correlations = correlationsOf(mapProducts(mapsOf(tasks, sessions, 1, 1)).products);
  const found = withinBetween(likenessOverSessions(correlations, bearersOf(tasks, sessions)), tasks);
  const turned = bearersOf(tasks, sessions)
    .reverse()
    .map(([a, b, c]) => [c, a, b]);
  const other = withinBetween(likenessOverSessions(correlations, turned), tasks);
  expectWithinRelative(
    other.within,
    [2, 0, 1].map((t) => found.within[t]),
    1e-12,
  );
  expectWithinRelative(
    other.between,
    [2, 0, 1].map((t) => found.between[t]),
    1e-12,
  );
  expectWithinAbsolute(found.within, [0.5, 0.5, 0.5], 0.15);
  expectWithinAbsolute(found.between, [0, 0, 0], 0.15);
  const [first] = withinBetween(likenessOverSessions(correlations, bearersOf(tasks, sessions), 1), tasks).between;
  expectWithinRelative(first, found.between[0], 1e-12);
});

test('strong patterns are fingerprints, and noise is told as often as chance gives', () => {
  const share = (strength: number, seed: number) => {
    const alike = mostAlike(
      correlationsOf(mapProducts(mapsOf(4, 3, strength, seed)).products),
      Array.from({ length: 12 }, (_, r) => Math.floor(r / 4)),
    );
    const right = fingerprinted(
      alike,
      Array.from({ length: 12 }, (_, r) => r % 4),
      4,
    );
    return right.reduce((a, b) => a + b, 0) / 12;
  };
  expect(share(3, 1)).toBe(1);
  const chance = Array.from({ length: 200 }, (_, i) => share(0, i)).reduce((a, b) => a + b, 0) / 200;
  expectWithinAbsolute(chance, 0.25, 0.03);
});

describe('relabelled sessions', () => {
  test('all are listed once where they are few, the true one first', () => {
    const { runOf, count, exhaustive } = relabelSessions(3, 3, 1000, 1);
    expect([count, exhaustive]).toEqual([36, true]);
    const each = Array.from({ length: count }, (_, i) => runOf.slice(i * 9, (i + 1) * 9).join());
    expect(new Set(each)).toHaveLength(36);
    expect(each[0]).toBe('0,1,2,0,1,2,0,1,2');
    expect(chooseRuns(3, 2, 100, 1).runs).toHaveLength(9);
  });
  test('of many so many are drawn, the first session as it was', () => {
    const { runOf, count, exhaustive } = relabelSessions(6, 4, 50, 1);
    expect([count, exhaustive]).toEqual([50, false]);
    for (let i = 0; i < count; i++) {
      expect([...runOf.slice(i * 24, i * 24 + 6)]).toEqual([0, 1, 2, 3, 4, 5]);
      expect([...runOf.slice(i * 24 + 18, i * 24 + 24)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    }
  });
  test('p of maps without patterns is uniform: at most alpha in that share of studies', () => {
    const [tasks, sessions] = [3, 3];
    const { runOf, count } = relabelSessions(tasks, sessions, 100, 1);
    let small = 0;
    for (let seed = 0; seed < 400; seed++) {
      const correlations = correlationsOf(mapProducts(mapsOf(tasks, sessions, 0, seed, 20)).products);
      const within = Float64Array.from({ length: count }, (_, i) => {
        const bearers = bearersOf(tasks, sessions).map((runs, s) =>
          runs.map((_, t) => s * tasks + runOf[(i * sessions + s) * tasks + t]),
        );
        return withinBetween(likenessOverSessions(correlations, bearers), tasks).within.reduce((a, b) => a + b, 0);
      });
      if (relabelledP(within[0], within, true) <= 0.1) small++;
    }
    expect(small / 400).toBeLessThan(0.135);
    expect(small / 400).toBeGreaterThan(0.04);
  });
});

test('a jackknife of a mean is Student’s interval', () => {
  const x = [3, 5, 4, 8];
  const without = x.map((own) => (20 - own) / 3);
  const { error, lower, upper } = jackknife(5, without);
  expectWithinRelative(error, Math.sqrt(14 / 3 / 4), 1e-12);
  expectWithinRelative(upper - lower, 2 * 3.182446 * error, 1e-6);
  expect(jackknife(5, [5]).lower).toBeNaN();
});
