import { countedUnits, effectSign, membership, networkColumn, wholeMap } from '@galvani/results';
import { expect, test } from 'vitest';

const rule = {
  correction: 'familywise',
  family: 'task',
  alpha: 0.05,
  minimumEffect: 0.5,
  sign: 'both',
  copies: 'once',
  unreachable: 'keep',
} as const;

/** A map of two layers; `p` on the scale of base-10 logarithms. */
function mapOf(d: number[], p: number[]) {
  const part = (layer: string, from: number, until: number) => ({
    layer,
    map: {
      sites: [{ site: layer, kind: 'linear', width: until - from }],
      flags: new Uint8Array(until - from),
      contrasts: new Map([
        [
          'x',
          { d: Float64Array.from(d.slice(from, until)), log10_p_familywise: Float64Array.from(p.slice(from, until)) },
        ],
      ]),
      facts: {},
    },
  });
  return wholeMap({ kind: 'task', contrast: 'x' }, [part('block-00', 0, 2), part('final', 2, d.length)]);
}

test('membership obeys alpha, effect size and sign', () => {
  const map = mapOf([1, -1, 0.1, 1, Number.NaN], [-2, Math.log10(0.05), -3, -1, Number.NaN]);
  expect([...membership(map, rule)]).toEqual([1, -1, 0, 0, 0]);
  expect([...membership(map, { ...rule, sign: 'negative' })]).toEqual([0, -1, 0, 0, 0]);
  expect([...membership(map, { ...rule, minimumEffect: 0 })]).toEqual([1, -1, 1, 0, 0]);
});

test('a map without effect sizes, as a conjunction, goes by the sign of z', () => {
  const layer = {
    sites: [{ site: 'a', kind: 'linear', width: 3 }],
    flags: new Uint8Array(3),
    contrasts: new Map([['x', { z: Float64Array.of(4, -4, 4), log10_p_familywise: Float64Array.of(-2, -2, -1) }]]),
    facts: {},
  };
  expect([...membership(wholeMap({ kind: 'conjunction', contrast: 'x' }, [{ layer: 'l', map: layer }]), rule)]).toEqual(
    [1, -1, 0],
  );
});

test('a correction that a map does not have makes no member', () => {
  expect([...membership(mapOf([1, 1, 1], [-2, -2, -2]), { ...rule, correction: 'fdr' })]).toEqual([0, 0, 0]);
});

test('the family of a rule chooses the column of maps that there is one of for each task', () => {
  const rules = { correction: 'fdr', family: 'study' } as const;
  expect(
    (['task', 'second-level', 'contrast', 'conjunction'] as const).map((kind) => networkColumn(kind, rules)),
  ).toEqual(['log10_q_fdr_study', 'log10_q_fdr_study', 'log10_q_fdr', 'log10_q_fdr']);
  expect(networkColumn('task', { ...rules, family: 'task' })).toBe('log10_q_fdr');
  expect(networkColumn('task', { ...rules, correction: 'none' })).toBe('log10_p');
});

test('a group of copies counts once, and units that stand for no token as the study says', () => {
  const site = (name: string, width: number) => ({ site: name, kind: 'head', width });
  const significant = { d: new Float64Array(5).fill(1), log10_p_familywise: new Float64Array(5).fill(-3) };
  const map = wholeMap({ kind: 'task', contrast: 'x' }, [
    {
      layer: 'final',
      map: {
        sites: [site('norm', 2), site('lm_head', 3)],
        flags: new Uint8Array(5),
        marks: { copyOf: Int32Array.of(-1, -1, -1, 0, -1), unreachable: Uint8Array.of(0, 0, 0, 1, 1) },
        contrasts: new Map([['x', significant]]),
        facts: {},
      },
    },
  ]);
  expect([...map.copyOf]).toEqual([-1, -1, -1, 2, -1]);
  expect([...countedUnits(map, rule)]).toEqual([1, 1, 1, 0, 1]);
  expect([...membership(map, rule)]).toEqual([1, 1, 1, 0, 1]);
  expect([...membership(map, { ...rule, copies: 'all' })]).toEqual([1, 1, 1, 1, 1]);
  expect([...membership(map, { ...rule, unreachable: 'drop' })]).toEqual([1, 1, 1, 0, 0]);
});

test('an effect counts from the least size on, and by its sign', () => {
  expect([0.5, -0.5, 0.4, Number.NaN].map((d) => effectSign(d, rule))).toEqual([1, -1, 0, 0]);
  expect([1, -1].map((d) => effectSign(d, { minimumEffect: 0, sign: 'positive' }))).toEqual([1, 0]);
});

test('sites are placed one after the other over all layers', () => {
  expect(mapOf([1, 1, 1], [0, 0, 0]).sites).toEqual([
    { site: 'block-00', kind: 'linear', layer: 'block-00', width: 2, start: 0 },
    { site: 'final', kind: 'linear', layer: 'final', width: 1, start: 2 },
  ]);
});
