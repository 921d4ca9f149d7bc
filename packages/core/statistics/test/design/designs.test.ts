import { parseContrast } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';
import { describe, expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../../test/closeness.js';
import {
  blockDesign,
  confoundDesign,
  cosineDrift,
  designOf,
  designReport,
  driftPerRun,
  effectiveDesign,
  eventDesign,
  exponentialKernel,
  joinDesigns,
  modulator,
  polynomialDrift,
  promptLayout,
  segmentsOf,
  tokenResponse,
  uniformLayout,
} from '../../src/index.js';
import { golden, goldenDesign, manifest } from '../golden.js';

const { onset, duration, trial_type } = manifest.meta.events_run1;
const events = onset.map((start: number, i: number) => ({
  onset: start,
  duration: duration[i],
  condition: trial_type[i],
}));
const constant = designOf({ constant: new Float64Array(600).fill(1) });

describe('designs as nilearn makes them', () => {
  test.each([
    ['glover_cosine', () => [eventDesign(events, 600, 'glover'), cosineDrift(600, 0.01)]],
    [
      'spm_deriv_disp_poly3',
      () => [eventDesign(events, 600, 'spm + derivative + dispersion'), polynomialDrift(600, 3)],
    ],
    ['fir4_nodrift', () => [eventDesign(events, 600, { delays: [0, 1, 2, 3] })]],
  ] as const)('%s', (name, parts) => {
    const design = joinDesigns(...parts(), constant);
    expect(design.names).toEqual(manifest.meta[`design_${name}_columns`]);
    expectWithinAbsolute(design.X, golden(`design_${name}`), 1e-13);
  });
  test('boxcars and a linear drift of the golden runs', () => {
    const run = goldenDesign(1);
    const labels = Array.from({ length: 600 }, (_, i) => manifest.meta.run1.block_labels[Math.floor(i / 10)] as string);
    const block = blockDesign(uniformLayout(1, 60, 10), labels, ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'], () => 'constant');
    for (let i = 0; i < 600; i++) {
      for (let j = 0; j < 6; j++) expect(block.X[i * 7 + j]).toBe(run.X[i * 8 + j]);
      expect(block.X[i * 7 + 6]).toBe(1);
      expect(polynomialDrift(600, 1).X[i]).toBeCloseTo(run.X[i * 8 + 6], 12);
    }
  });
});

const layout = promptLayout([0, 0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 0, 0, 1, 1]);
const condition = ['a', 'a', 'a', 'rest', 'rest', 'b', 'b', null, null];

describe('designs of prompts', () => {
  test('boxcars and run intercepts', () => {
    const { names, X, columns } = blockDesign(layout, condition);
    expect(names).toEqual(['a', 'b', 'run 0', 'run 1']);
    expect(Array.from(X.subarray(0, columns))).toEqual([1, 0, 1, 0]);
    expect(Array.from(X.subarray(8 * columns))).toEqual([0, 0, 0, 1]);
  });
  test('modulators are centred where asked', () => {
    expect(Array.from(modulator('p', layout.position, layout, 'none').X)).toEqual([0, 1, 2, 0, 1, 0, 1, 0, 1]);
    expect(Array.from(modulator('p', layout.position, layout, 'prompt').X)).toEqual([
      -1, 0, 1, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5,
    ]);
    const inTask = modulator(
      'p',
      layout.position,
      layout,
      'run',
      (row) => condition[row] === 'a' || condition[row] === 'b',
    );
    expect(Array.from(inTask.X)).toEqual([-1, 0, 1, 0, 0, -0.5, 0.5, 0, 0]);
    expect(() => modulator('p', [1, Number.NaN, ...Array(7).fill(0)], layout)).toThrow('row 1');
  });
  test('responses over token position, in open bins', () => {
    const { names, X } = tokenResponse(layout, condition, 2);
    expect(names).toEqual(['a[0]', 'a[1+]', 'b[0]', 'b[1+]']);
    expect(Array.from(X.subarray(0, 12))).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]);
    expect(tokenResponse(layout, condition, 2, 2).names).toEqual(['a[0-1]', 'a[2+]', 'b[0-1]', 'b[2+]']);
  });
  test('the exponential kernel builds up to its input and restarts with each prompt', () => {
    const step = designOf({ x: new Float64Array(9).fill(1) });
    const { X } = exponentialKernel(step, segmentsOf(layout), 2);
    const decay = Math.exp(-0.5);
    [1, 2, 3, 1, 2, 1, 2, 1, 2].forEach((k, i) => {
      expect(X[i]).toBeCloseTo(1 - decay ** k, 14);
    });
    expect(() => exponentialKernel(step, segmentsOf(layout), 0)).toThrow(RangeError);
  });
  test('drifts of a run are orthogonal and end with it', () => {
    const drift = driftPerRun(uniformLayout(2, 5, 4), (rows) => joinDesigns(polynomialDrift(rows, 2)));
    expect(drift.names).toEqual(['run 0 drift_1', 'run 0 drift_2', 'run 1 drift_1', 'run 1 drift_2']);
    let dot = 0;
    let sum = 0;
    for (let i = 0; i < 40; i++) {
      dot += drift.X[i * 4] * drift.X[i * 4 + 1];
      sum += drift.X[i * 4];
      if (i >= 20) expect(drift.X[i * 4]).toBe(0);
    }
    expect(dot).toBeCloseTo(0, 14);
    expect(sum).toBeCloseTo(0, 14);
  });
  test('confounds must be whole', () => {
    expect(Array.from(confoundDesign({ heat: [1, 2, 6] }, 3).X)).toEqual([-2, -1, 3]);
    expect(() => confoundDesign({ heat: [1, 2] }, 3)).toThrow(UserMistake);
    expect(() => confoundDesign({ heat: [1, Number.NaN, 2] }, 3)).toThrow("'heat' is NaN in row 2");
  });
  test('prompts that come back, and columns of one name, are refused', () => {
    expect(() => promptLayout([0, 0, 0], [0, 1, 0])).toThrow('comes back');
    expect(() => joinDesigns(constant, constant)).toThrow('two columns');
  });
});

describe('design report', () => {
  const three = uniformLayout(1, 12, 3);
  const block = blockDesign(
    three,
    Array.from(three.prompt, (p) => ['a', 'rest', 'b', 'rest'][p % 4]),
  );
  test('balanced boxcars', () => {
    const contrasts = ['a - b', 'a - rest', 'F: a, b'].map((text) => parseContrast(text, block.names));
    const report = designReport(effectiveDesign('prompt', block, three), contrasts);
    expect(report.rows).toBe(12);
    expect(report.rank).toBe(3);
    expect(report.correlations[1]).toBeCloseTo(-1 / 3, 12);
    // R^2 of one boxcar on the other is 1/9.
    expect(report.varianceInflation[0]).toBeCloseTo(9 / 8, 12);
    expect(report.varianceInflation[2]).toBeNaN();
    expect(report.contrasts[0].efficiency).toBeCloseTo(1 / (1 / 3 + 1 / 3), 12);
    expect(report.contrasts[1].efficiency).toBeCloseTo(1 / (1 / 3 + 1 / 6), 12);
    expect(report.collinear).toEqual([]);
    expect(report.condition).toBeGreaterThan(1);
  });
  test('collinear columns', () => {
    const doubled = joinDesigns(block, designOf({ copy: block.X.filter((_, i) => i % 3 === 0) }));
    const report = designReport(doubled, [parseContrast('a', doubled.names), parseContrast('b', doubled.names)]);
    expect(report.collinear).toEqual([['a', 'copy']]);
    expect(report.condition).toBe(Number.POSITIVE_INFINITY);
    expect(report.varianceInflation[0]).toBe(Number.POSITIVE_INFINITY);
    expect(report.contrasts.map(({ efficiency }) => efficiency > 0)).toEqual([false, true]);
    expect(report.contrasts[0].reason).toContain('collinear');
  });
});
