import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinAbsolute, expectWithinRelative } from '../../../../test/closeness.js';
import { iccRows, unitIccRows } from '../src/effect-icc.js';
import { reliabilityRows } from '../src/reliability.js';
import { mapCorrelation } from '../src/repeatability.js';
import { type SessionMaps, sessionMaps } from '../src/session-maps.js';

/** Sessions whose maps are what each task does, with variance `signal`, and noise of variance 1. */
function planted(signal: number, { tasks = 3, sessions = 4, units = 400, seed = 1 } = {}): SessionMaps {
  const random = randomStream(seed, 'planted');
  const draw = () => Float64Array.from({ length: units }, () => random.normal());
  const patterns = Array.from({ length: tasks }, draw);
  const z = Array.from({ length: sessions * tasks }, (_, r) =>
    draw().map((noise, u) => noise + Math.sqrt(signal) * patterns[r % tasks][u]),
  );
  return {
    ...{ z, d: z, counted: units },
    tasks: Array.from({ length: tasks }, (_, t) => `task${t}`),
    sessions: Array.from({ length: sessions }, (_, s) => s + 1),
  };
}

test('planted reliability is found, as that of one session, of halves and of the whole', () => {
  const maps = planted(1, { units: 5000 });
  const rows = reliabilityRows(maps);
  const of = (measure: string, task = '') => rows.find((row) => row.measure === measure && row.task === task)!;
  expectWithinAbsolute([of('correlation').within, of('correlation').between], [0.5, 0], 0.03);
  expectWithinAbsolute([of('split-half').within, of('split-half').between], [2 / 3, 0], 0.03);
  expectWithinAbsolute([of('correlation').whole, of('split-half').whole], [0.8, 0.8], 0.03);
  expect(of('fingerprint')).toMatchObject({ within: 1 });
  // Of all 81 choices of runs only the three tasks' own reach as far.
  expect(of('correlation', 'task1').p * 81).toBeLessThanOrEqual(3.001);
  for (const { measure, task, within, lower, upper } of rows.filter((row) => row.measure !== 'fingerprint'))
    expect(lower < within && within < upper, `${measure} ${task}`).toBe(true);
  const [row] = iccRows(
    maps,
    maps.tasks.map(() => new Int8Array(5000)),
  );
  expectWithinAbsolute([row.agreement, row.consistency], [0.5, 0.5], 0.03);
  // Maps of one variance have an ICC(3,1) that is their mean correlation.
  expectWithinAbsolute(row.consistency, of('correlation', 'task0').within, 0.002);
});

test('noise shows no more reliability of units over tasks than tasks exchanged', () => {
  const maps = planted(0, { units: 600 });
  const rows = unitIccRows(
    maps,
    maps.tasks.map(() => new Int8Array(600)),
  );
  const median = (tasks: string) =>
    rows.find((row) => row.units === 'all' && row.tasks === tasks && row.quantile === 0.5)!.consistency;
  expectWithinAbsolute(median('own'), median('exchanged'), 0.05);
  expect(rows.filter(({ units }) => units === 'network').every(({ consistency }) => Number.isNaN(consistency))).toBe(
    true,
  );
});

test('the order of tasks, of sessions and of units changes nothing but the order of rows', () => {
  const maps = planted(0.5);
  const [T, S] = [3, 4];
  const turned = (all: readonly Float64Array[]) =>
    Array.from({ length: S * T }, (_, r) => {
      const [s, t] = [S - 1 - Math.floor(r / T), (r + 1) % T];
      return all[s * T + t].slice().reverse();
    });
  const other: SessionMaps = {
    ...maps,
    tasks: [1, 2, 0].map((t) => maps.tasks[t]),
    z: turned(maps.z),
    d: turned(maps.d),
  };
  const key = ({ measure, task }: { measure: string; task: string }) => `${measure} ${task}`;
  const before = new Map(reliabilityRows(maps).map((row) => [key(row), row]));
  for (const row of reliabilityRows(other)) {
    const own = before.get(key(row))!;
    expectWithinRelative([row.within, row.lower, row.upper, row.p], [own.within, own.lower, own.upper, own.p], 1e-9);
    expectWithinAbsolute(row.difference, own.difference, 1e-9);
  }
});

test('the correlation is that of maps, and two sessions have no interval', () => {
  const maps = planted(1, { sessions: 2, tasks: 2 });
  const rows = reliabilityRows(maps);
  const [row] = rows;
  expectWithinRelative(row.within, mapCorrelation(maps.z[0], maps.z[2]), 1e-9);
  expect([row.lower, row.difference_upper]).toEqual([Number.NaN, Number.NaN]);
  expect(row).toMatchObject({ labellings: 4, exhaustive: true });
  const [icc] = iccRows(maps, [new Int8Array(400), new Int8Array(400)]);
  expect(icc.consistency_lower).toBeNaN();
  expect(icc.consistency_f_lower).toBeGreaterThan(0);
});

test('one task has nothing to be compared with, and one session nothing to repeat', () => {
  const rows = reliabilityRows(planted(1, { tasks: 1 }));
  expect(rows.map(({ measure }) => measure)).not.toContain('fingerprint');
  expect(rows.every(({ p, between }) => Number.isNaN(p) && Number.isNaN(between))).toBe(true);
  const z = new Float64Array(3);
  expect(sessionMaps([{ name: 'a', task: 'a', session: 1 }], new Map([['a', { z, d: z }]]), 3)).toBeUndefined();
});
