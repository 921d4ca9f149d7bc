import { randomStream } from '@galvani/numerics';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blockDesign,
  contrastT,
  createEstimator,
  type DesignMatrix,
  type Fit,
  joinDesigns,
  modulator,
  type NoiseModel,
  type PromptLayout,
  promptLayout,
  unitFlag,
} from '../../src/index.js';

const models: NoiseModel[] = ['prompt', 'ols', 'ar1', 'ar1-nilearn', 'ar1+prompt', 'arma11'];
const quick = (noise: NoiseModel) => ({ numRuns: noise === 'arma11' || noise === 'ar1+prompt' ? 4 : 8 });

interface Study {
  layout: PromptLayout;
  design: DesignMatrix;
  units: number;
  series: Float64Array;
}

/** A small study: two runs of eight prompts, two tasks and rest; of one length or several; with a modulator or without. */
function study(seed: number, equal: boolean, modulated: boolean, units = 5): Study {
  const random = randomStream(seed, 'study');
  const run: number[] = [];
  const prompt: number[] = [];
  const condition: string[] = [];
  for (let p = 0; p < 16; p++) {
    const length = equal ? 5 : 3 + random.integer(5);
    for (let t = 0; t < length; t++) {
      run.push(p >> 3);
      prompt.push(p);
      condition.push(['a', 'rest', 'b', 'rest'][p % 4]);
    }
  }
  const layout = promptLayout(run, prompt);
  const block = blockDesign(layout, condition);
  const design = modulated ? joinDesigns(block, modulator('position', layout.position, layout)) : block;
  const series = new Float64Array(run.length * units);
  for (let v = 0; v < units; v++) {
    let own = 0;
    let state = 0;
    for (let i = 0; i < run.length; i++) {
      if (i === 0 || prompt[i] !== prompt[i - 1]) {
        own = random.normal();
        state = random.normal();
      }
      state = 0.4 * state + random.normal();
      series[i * units + v] = Math.fround(own + state + (condition[i] === 'a' ? v : 0));
    }
  }
  return { layout, design, units, series };
}

function fit(noise: NoiseModel, { layout, design, units, series }: Study, cuts: number[] = []): Fit {
  const estimator = createEstimator(noise, design, layout, units);
  const borders = [0, ...[...new Set(cuts.map((cut) => cut % design.rows))].sort((a, b) => a - b), design.rows];
  for (let i = 0; i + 1 < borders.length; i++) {
    if (borders[i + 1] > borders[i]) {
      estimator.add(series.subarray(borders[i] * units, borders[i + 1] * units), borders[i]);
    }
  }
  return estimator.finish();
}

/** The units of a study in another order, or some of them. */
function chosen(one: Study, order: number[]): Study {
  const rows = one.design.rows;
  const series = new Float64Array(rows * order.length);
  order.forEach((from, to) => {
    for (let i = 0; i < rows; i++) series[i * order.length + to] = one.series[i * one.units + from];
  });
  return { ...one, units: order.length, series };
}

const weightsOf = ({ names }: DesignMatrix) =>
  Float64Array.from(names, (name) => (name === 'a' ? 1 : name === 'b' ? -1 : 0));
const resultOf = (noise: NoiseModel, one: Study, cuts?: number[]) => {
  const own = fit(noise, one, cuts);
  return { own, contrast: contrastT(own, weightsOf(own.design)) };
};
const expectBits = (a: number, b: number) => expect(Object.is(a, b), `${a} and ${b}`).toBe(true);
const shape = fc.record({ seed: fc.integer(), equal: fc.boolean(), modulated: fc.boolean() });

describe.each(models)('%s', (noise) => {
  // A likelihood that is flat towards a bound leaves what ar1+prompt searches for some room.
  const roundingOf = ({ parameters }: Fit, v: number) => (parameters.ratio?.[v] < 0 ? 1e-4 : 1e-6);
  const expectNear = (found: number, value: number, rounding: number) =>
    expect(Math.abs(found - value), `${found} and ${value}`).toBeLessThan(rounding * (1 + Math.abs(value)));

  test('permuting or splitting units changes no bit', () => {
    fc.assert(
      fc.property(
        shape,
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }),
        ({ seed, equal, modulated }, order) => {
          const one = study(seed, equal, modulated);
          const whole = resultOf(noise, one);
          const part = resultOf(noise, chosen(one, order));
          order.forEach((from, to) => {
            expectBits(part.contrast.t[to], whole.contrast.t[from]);
            expectBits(part.contrast.z[to], whole.contrast.z[from]);
            expectBits(part.contrast.dLower[to], whole.contrast.dLower[from]);
            for (let j = 0; j < one.design.columns; j++) {
              expectBits(part.own.beta[j * order.length + to], whole.own.beta[j * one.units + from]);
            }
          });
        },
      ),
      quick(noise),
    );
  });

  test('splitting rows into chunks changes no bit', () => {
    fc.assert(
      fc.property(shape, fc.array(fc.nat({ max: 200 }), { maxLength: 6 }), ({ seed, equal, modulated }, cuts) => {
        const one = study(seed, equal, modulated);
        const [whole, split] = [fit(noise, one), fit(noise, one, cuts)];
        whole.beta.forEach((value, at) => {
          expectBits(split.beta[at], value);
        });
        whole.dispersion.forEach((value, at) => {
          expectBits(split.dispersion[at], value);
        });
      }),
      quick(noise),
    );
  });

  test('scaling the series scales coefficients and leaves t', () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: -30, max: 30 }), ({ seed, equal, modulated }, exponent) => {
        const one = study(seed, equal, modulated);
        const scaled = { ...one, series: one.series.map((value) => -value * 2 ** exponent) };
        const [a, b] = [resultOf(noise, one), resultOf(noise, scaled)];
        a.own.beta.forEach((value, at) => {
          expectNear(b.own.beta[at] / -(2 ** exponent), value, roundingOf(a.own, at % one.units));
        });
        a.contrast.t.forEach((value, v) => {
          expectNear(-b.contrast.t[v], value, roundingOf(a.own, v));
        });
      }),
      quick(noise),
    );
  });

  test('adding a constant changes no contrast', () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: -1000, max: 1000 }), ({ seed, equal, modulated }, level) => {
        const one = study(seed, equal, modulated);
        const [a, b] = [one, { ...one, series: one.series.map((value) => value + level) }].map((own) =>
          resultOf(noise, own),
        );
        a.contrast.t.forEach((value, v) => {
          expectNear(b.contrast.t[v], value, roundingOf(a.own, v));
          expectNear(b.contrast.effect[v], a.contrast.effect[v], roundingOf(a.own, v));
        });
        const run = a.own.design.names.indexOf('run 1') * one.units;
        expect(b.own.beta[run] - a.own.beta[run]).toBeCloseTo(level, 5);
      }),
      quick(noise),
    );
  });

  test('a constant, NaN or infinite unit is flagged and changes no other unit’s bits', () => {
    fc.assert(
      fc.property(
        shape,
        fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 7.3),
        fc.nat({ max: 40 }),
        ({ seed, equal, modulated }, bad, row) => {
          const one = study(seed, equal, modulated);
          const series = Float64Array.from(one.series);
          const constant = Number.isFinite(bad);
          for (let i = 0; i < one.design.rows; i++) if (constant || i === row) series[i * one.units + 2] = bad;
          const [clean, dirty] = [one, { ...one, series }].map((own) => resultOf(noise, own));
          expect(Array.from(dirty.own.flags)).toEqual([0, 0, constant ? unitFlag.constant : unitFlag.nonFinite, 0, 0]);
          for (const key of ['t', 'z', 'log10p', 'lower', 'upper', 'd', 'dLower', 'dUpper', 'variance'] as const) {
            expect(dirty.contrast[key][2], key).toBeNaN();
            for (const v of [0, 1, 3, 4]) expectBits(dirty.contrast[key][v], clean.contrast[key][v]);
          }
          if (constant) expect(dirty.contrast.effect[2]).toBeCloseTo(0, 9);
        },
      ),
      quick(noise),
    );
  });

  test('asks for every row once and in order', () => {
    const one = study(1, true, false);
    const estimator = createEstimator(noise, one.design, one.layout, one.units);
    expect(() => estimator.add(one.series.subarray(0, 10), 3)).toThrow(RangeError);
    expect(() => estimator.finish()).toThrow(RangeError);
  });
});

test('float32 rows give what their float64 copies give', () => {
  const one = study(3, false, true);
  for (const noise of models) {
    const narrow = createEstimator(noise, one.design, one.layout, one.units);
    narrow.add(Float32Array.from(one.series), 0);
    expect(narrow.finish().beta).toEqual(fit(noise, one).beta);
  }
});

test('a level a thousand times the spread costs no digits', () => {
  const one = study(4, true, false);
  const far = { ...one, series: one.series.map((value) => value + 4096) };
  for (const noise of models) {
    const [a, b] = [resultOf(noise, one), resultOf(noise, far)];
    a.contrast.t.forEach((value, v) => {
      expect(b.contrast.t[v] / value).toBeCloseTo(1, 6);
    });
  }
});

test('with prompts of several lengths ar1+prompt gives every unit a z, and none that a few longest prompts decide', () => {
  // The first seeds once had variances of nothing, or no degrees of freedom.
  for (const seed of [-6, 96, 129, 146, 175, 201, 234, ...Array.from({ length: 60 }, (_, i) => i)]) {
    const { contrast } = resultOf('ar1+prompt', study(seed, false, false));
    for (const [v, t] of contrast.t.entries()) {
      expect(Math.abs(t), `seed ${seed}, unit ${v}`).toBeLessThan(30);
      expect(contrast.z[v], `seed ${seed}, unit ${v}`).not.toBeNaN();
    }
  }
});
