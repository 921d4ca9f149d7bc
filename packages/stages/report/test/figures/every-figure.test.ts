import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { calibrationRates, rateDomain } from '../../src/figures/calibration-rates.js';
import { componentTasks } from '../../src/figures/component-tasks.js';
import { confusionMatrix } from '../../src/figures/confusion-matrix.js';
import { type ControlDot, controlAccuracy } from '../../src/figures/control-accuracy.js';
import { designMatrix } from '../../src/figures/design-matrix.js';
import { type Block, designTimeline } from '../../src/figures/design-timeline.js';
import { distanceMatrix } from '../../src/figures/distance-matrix.js';
import { headsMap, headsOf } from '../../src/figures/heads-map.js';
import { identificationAccuracy } from '../../src/figures/identification-accuracy.js';
import { lesionMatrix } from '../../src/figures/lesion-matrix.js';
import { likenessMatrix } from '../../src/figures/likeness-matrix.js';
import { networkIntersections } from '../../src/figures/network-intersections.js';
import { networkSites } from '../../src/figures/network-sites.js';
import { noiseCeiling } from '../../src/figures/noise-ceiling.js';
import { overlapMatrix } from '../../src/figures/overlap-matrix.js';
import { powerCurve } from '../../src/figures/power-curve.js';
import { residualDiagnostics } from '../../src/figures/residual-diagnostics.js';
import { sessionRepeatability } from '../../src/figures/session-repeatability.js';
import { steeringCurve } from '../../src/figures/steering-curve.js';
import { taskDendrogram } from '../../src/figures/task-dendrogram.js';
import { taskReliability } from '../../src/figures/task-reliability.js';
import { topicYardstick } from '../../src/figures/topic-yardstick.js';
import { unitActivity } from '../../src/figures/unit-activity.js';
import { unitMap } from '../../src/figures/unit-map.js';
import { unitReliability } from '../../src/figures/unit-reliability.js';
import type { Markup } from '../../src/page/html.js';

const tasks = ['cooking', 'music'];
/** Every ordered pair of tasks, with a number for each. */
const pairs = tasks.flatMap((a, i) => tasks.map((b, j) => [a, b, 0.1 + 0.3 * i + 0.2 * j] as const));

const blocks: Block[] = tasks.flatMap((task) =>
  [1, 2].flatMap((session) =>
    ['rest', 'task', 'rest'].map((condition, b) => {
      const run = `ses-0${session}_task-${task}`;
      return { run, session, task, condition, first: 2 * b, end: 2 * b + 2 };
    }),
  ),
);
const tokens = Array.from({ length: 12 }, (_, i) => ({ prompt: Math.floor(i / 2), position: i % 2 }) as never);
const grid = ['block-00', 'block-01'].flatMap((layer, l) =>
  ['linear', 'norm'].map((kind, k) => ({ layer, kind, l, k })),
);

/** Each figure of the report, drawn from a few rows. */
const figures: Record<string, () => Markup> = {
  'calibration-rates': () => {
    const rows = ['white', 'ar1 .3'].map((noise, i) => {
      const rate = { noise, model: 'prompt', correction: 'none', measure: 'false positives of t', nominal: 0.05 };
      return { ...rate, estimate: 0.05 + 0.02 * i, lower: 0.04 + 0.02 * i, upper: 0.06 + 0.02 * i, trials: 1000 };
    });
    return calibrationRates('Rates', rows, rateDomain(rows));
  },
  'component-tasks': () => {
    const rows = pairs.map(([, task, r], i) => ({
      ...{ component: 1 + Math.floor(i / 2), task, share: 0.1, stability: 1, r: i === 1 ? -r : r },
      ...{ p: 0.01, p_over_all: i === 0 ? 0.5 : 0.01, map_r: r, members_z: 1 },
    }));
    return componentTasks(rows, tasks);
  },
  'confusion-matrix': () => {
    const rows = pairs.map(([task, identified], i) => ({ level: 'run', task, identified, count: [3, 1, 0, 4][i] }));
    return confusionMatrix('Confusion', rows, tasks);
  },
  'control-accuracy': () => {
    const dot = (name: string, own: boolean, accuracy: number): ControlDot => {
      return { name, own, decoder: own ? 'networks' : 'ridge', accuracy, lower: accuracy - 0.1, upper: accuracy + 0.1 };
    };
    return controlAccuracy('Controls', [dot('networks', true, 0.8), dot('tokens', false, 0.6)], 0.5);
  },
  'design-matrix': () => {
    const rows = ['ses-01', 'ses-02'].flatMap((run) => [0, 1, 2, 3].map((prompt) => ({ run, prompt })));
    const of = (column: string, value: number) => (row: (typeof rows)[number]) => ({
      task: 'music',
      column,
      value,
      ...row,
    });
    return designMatrix(
      [
        ...rows.filter(({ prompt }) => prompt === 1 || prompt === 2).map(of('music', 1)),
        ...rows.filter(({ prompt }) => prompt > 2).map(of('position', -0.5)),
        ...rows.filter(({ run }) => run === 'ses-01').map(of('run ses-01', 1)),
      ],
      rows,
    );
  },
  'design-timeline': () => designTimeline(blocks, tasks),
  'distance-matrix': () => {
    const row = { lower: -0.1, upper: 0.5, error: 0.1, p: 0.01, units: 80 };
    return distanceMatrix(
      [
        { ...row, task_a: 'cooking', task_b: 'music', distance: 0.4, p_over_pairs: 0.03 },
        { ...row, task_a: 'cooking', task_b: 'rest', distance: -0.02, p_over_pairs: 0.6 },
        { ...row, task_a: 'music', task_b: 'rest', distance: 0.2, p_over_pairs: 0.03 },
      ],
      tasks,
    );
  },
  'identification-accuracy': () => {
    const rates = { accuracy: 0.75, lower: 0.6, upper: 0.9, chance: 0.5, p: 0.01, opposite_p: 1, permutations: 100 };
    return identificationAccuracy(['run', 'prompt'].map((level) => ({ level, correct: 15, total: 20, ...rates })));
  },
  'likeness-matrix': () => {
    const rows = pairs.map(([task, other_task, r]) => ({
      task,
      other_task,
      dice: r,
      expected_dice: 0.1,
      correlation: r,
    }));
    return likenessMatrix(rows, tasks);
  },
  'network-intersections': () => {
    const row = { networks: 1, same: 4, expected: 3 };
    return networkIntersections(
      [
        { ...row, tasks: 'cooking', units: 4 },
        { ...row, tasks: 'music', units: 2, same: 2 },
        { ...row, tasks: 'cooking + music', networks: 2, units: 2, same: 1 },
      ],
      tasks,
    );
  },
  'network-sites': () => {
    const shares = grid.map(({ layer, kind, l, k }) => ({
      layer,
      kind,
      units: 10,
      members: 4 * l + k,
      share: (4 * l + k) / 10,
    }));
    return networkSites('Sites', shares, 0.5, 'red');
  },
  'overlap-matrix': () => {
    const sizes = {
      members_a: 10,
      members_b: 20,
      same: 4,
      opposed: 1,
      opposed_dice: 1 / 15,
      jaccard: 0.16,
      expected_dice: 0.13,
      expected_opposed_dice: 0.1,
      ...{
        lower: 0.1,
        upper: 0.7,
        relabelled_dice: 0.12,
        p: 0.01,
        p_over_pairs: 0.02,
        opposed_p: 1,
        opposed_p_over_pairs: 1,
      },
    };
    return overlapMatrix(
      pairs.map(([task_a, task_b, dice]) => ({ task_a, task_b, dice, ...sizes })),
      tasks,
    );
  },
  'lesion-matrix': () => {
    const rows = pairs.map(([network, topic, change], i) => ({
      ...{ sites: 'activation', kind: 'mean', dose: 1, network, units: 9, topic, texts: 36, loss: 4 },
      ...{ change: i === 1 ? -change : change, lower: change - 0.1, upper: change + 0.1, controls: 99 },
      ...{ control_change: 0.01, control_spread: 0.01, p: 0.01, p_over_matrix: i === 0 ? 0.01 : 0.4 },
      ...{ opposite_p: 1, opposite_p_over_matrix: 1 },
    }));
    return lesionMatrix(rows, tasks);
  },
  'steering-curve': () => {
    const rows = [-1, 0, 2].map((strength) => ({
      ...{ task: tasks[0], strength, units: 9, openings: 12, probability: 0.3, shift: 0.1 * strength },
      ...{ lower: 0.1 * strength - 0.1, upper: 0.1 * strength + 0.1, directions: strength === 0 ? 0 : 20 },
      ...{ random_shift: 0, random_spread: 0.02, random_least: strength === 0 ? Number.NaN : -0.05, random_most: 0.05 },
      ...{ p: 0.05, p_over_family: 0.1, opposite_p: 1, opposite_p_over_family: 1 },
      ...{ text_loss: 3, random_text_loss: 3, read_change: 0.1, random_read_change: 0 },
    }));
    return steeringCurve(rows, tasks[0], tasks);
  },
  'power-curve': () => {
    const none = { repeat_dice: Number.NaN, repeat_correlation: Number.NaN, identified: Number.NaN };
    const row = { sessions: 4, tokens: 0, draws: 5, members: 9, dice: 0.5, ...none };
    const rows = tasks.flatMap((task, i) =>
      [2, 4, 6, 12].flatMap((count) => {
        const own = { ...row, task, prompts_per_block: count };
        const share = count / 15 + 0.1 * i;
        const expected = { ...own, varied: 'expected', found: Number.NaN, power: share };
        return count > 6 ? [expected] : [expected, { ...own, varied: 'prompts', found: share, power: Number.NaN }];
      }),
    );
    return powerCurve(rows, 'prompts', tasks);
  },
  'residual-diagnostics': () => {
    const values = grid.map(({ layer, kind, l, k }) => ({ layer, kind, sampled: 10, value: 0.3 * l - 0.2 * k }));
    return residualDiagnostics('Autocorrelation', values);
  },
  'session-repeatability': () => {
    const rows = tasks.map((task, i) => ({ task, other_task: task, session_a: 1, session_b: 2, dice: 0.4 + 0.2 * i }));
    return sessionRepeatability(
      rows.map((row) => ({ ...row, jaccard: 0.3, expected_dice: 0.1, correlation: 0.6 })),
      tasks,
    );
  },
  'task-reliability': () => {
    const rows = tasks.map((task, i) => ({
      ...{ measure: 'correlation', task, within: 0.4 + 0.2 * i, lower: 0.2 + 0.2 * i, upper: 0.6 + 0.2 * i },
      ...{ between: 0.1, difference: 0.3, difference_lower: 0.1, difference_upper: 0.5 },
      ...{ whole: 0.8, p: 0.01, labellings: 100, exhaustive: true },
    }));
    return taskReliability(rows, tasks);
  },
  'unit-reliability': () => {
    const of = (units: string, exchanged: string, shift: number) =>
      [0.1, 0.5, 0.9].map((quantile) => {
        const value = quantile - shift;
        return { units, tasks: exchanged, targets: 10, quantile, agreement: value, consistency: value };
      });
    return unitReliability([...of('all', 'own', 0.1), ...of('network', 'own', 0), ...of('all', 'exchanged', 0.5)]);
  },
  'noise-ceiling': () =>
    noiseCeiling(
      [1, 2, 0].map((session) => ({ session, lower: 0.5 + 0.1 * session, upper: 0.8 + 0.05 * session, p: 0.01 })),
    ),
  'task-dendrogram': () =>
    taskDendrogram(
      [
        { first: 'cooking', second: 'tea', height: -0.1 },
        { first: 'cooking tea', second: 'music', height: 0.6 },
      ],
      [...tasks, 'tea'],
    ),
  'topic-yardstick': () => {
    const rows = ['cooking', 'music', 'tea', 'tides', 'wool'].map((topic, i) => ({
      ...{ topic, role: i < 2 ? 'task' : 'rest', presented: 24, prompts: 8, draws: 10, members: 9 * i },
      ...{ squared_effect: 0.4 - 0.1 * i, repeatability: 0.5 - 0.1 * i, identified: 1 - 0.2 * i },
      ...{ p_members: 1, p_squared_effect: 0.25, p_repeatability: 0.25, p_identified: 0.25 },
    }));
    return topicYardstick(rows, 'squared_effect', tasks);
  },
  'unit-activity': () => {
    const series = Float64Array.from({ length: 12 }, (_, i) => (i >= 4 && i < 8 ? 2 : 0) + (i % 2));
    const own = blocks.filter(({ run }) => run === 'ses-01_task-music');
    return unitActivity('Activity', [{ site: 'model.layers.0', unit: 3, z: 4.5, series }], tokens, own, 'red');
  },
  'heads-map': () => {
    const sites = [0, 1].map((i) => {
      return { site: `h.${i}.attn#heads`, kind: 'heads', layer: `block-0${i}`, width: 3, start: 3 * i };
    });
    const t = Float64Array.of(0, 4, -5, 2, Number.NaN, 9);
    const map = { sites, statistic: t, called: 't', d: t, flags: Float64Array.of(0, 0, 0, 0, 2, 0) };
    return headsMap('Heads', headsOf(map as never, Uint8Array.of(0, 1, 1, 0, 0, 1)), 't', 3);
  },
  'unit-map': () => {
    const sites = ['fc1', 'fc2'].map((site, i) => ({
      site,
      kind: 'linear',
      layer: `block-0${i}`,
      width: 4,
      start: 4 * i,
    }));
    const t = Float64Array.of(0, 1, 2, 3, -4, -9, 8, Number.NaN);
    const map = { sites, statistic: t, called: 't', d: t, flags: Float64Array.of(0, 0, 0, 0, 0, 0, 0, 2) };
    return unitMap('Units', map as never, Uint8Array.of(0, 0, 0, 1, 1, 1, 1, 0), 3);
  },
};

/**
 * The same text on every platform: a tag a line, coordinates to a hundredth, and of an image its size and its pixels'
 * checksum, since compressors may differ in their bytes.
 */
function normalized({ markup }: Markup): string {
  const image = (_: string, base64: string) => {
    const { width, height, data } = decode(Buffer.from(base64, 'base64'));
    return `${width}x${height} sha256 ${createHash('sha256').update(data).digest('hex').slice(0, 16)}`;
  };
  return markup
    .replace(/data:image\/png;base64,([\w+/=]+)/g, image)
    .replace(/<[^>]+>/g, (tag) =>
      tag.replace(/-?\d+\.\d+(?:e-?\d+)?/g, (value) => `${Number(Number(value).toFixed(2))}`),
    )
    .replace(/></g, '>\n<')
    .concat('\n');
}

// Where a change is meant, look at the figures in a browser, then: npx vitest run packages/stages/report/test/figures -u
test.each(Object.keys(figures))('%s is drawn as it was', async (name) => {
  await expect(normalized(figures[name]())).toMatchFileSnapshot(`drawn/${name}.svg`);
});

test('every figure of the report is drawn here', () => {
  const shared = ['site-grid', 'task-matrix', 'unit-raster'];
  const sources = readdirSync(new URL('../../src/figures', import.meta.url)).map((file) => file.replace('.ts', ''));
  expect(Object.keys(figures).concat(shared).sort()).toEqual(sources.sort());
});
