import type { Recording } from '@galvani/results';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../test/closeness.js';
import type { FoldNetworks } from '../src/network-answers.js';
import { patternsOf, scoresOf } from '../src/network-answers.js';
import type { PresentedPrompts } from '../src/presented-prompts.js';
import { windowScores } from '../src/token-windows.js';

const [rows, units] = [2, 3];
/** Six prompts of two rows in one run: two of rest to learn from, and one of each task held out. */
const values = Float32Array.from({ length: 6 * rows * units }, (_, at) => Math.sin(at * at));
const isTask = Uint8Array.of(0, 0, 1, 1, 1, 1);
const promptOfRow = Int32Array.from({ length: 6 * rows }, (_, row) => Math.floor(row / rows));
const recording = {
  ...{ layers: ['layer'], events: Array.from(isTask, () => ({})), isTask, promptOfRow, run: { name: 'run' } },
  tokens: Array.from(promptOfRow, (_, row) => ({ position: row % rows })),
  openLayer: async () => ({
    columns: [{ site: 'site', kind: 'linear', width: units }],
    async *batches() {
      yield { firstRow: 0, rows: 6 * rows, values: [values] };
    },
    close: async () => {},
  }),
} as unknown as Recording;
const prompts = {
  ...{ tasks: ['members', 'none', 'null profile', 'untold'], isTask, run: new Int32Array(6) },
  ...{ events: Array.from(isTask, () => ({})), task: Int32Array.of(0, 0, 0, 1, 2, 3), session: new Int32Array(6) },
} as unknown as PresentedPrompts;

test('the window of all rows scores as whole prompts do, without members and with a null profile too', async () => {
  const mean = (prompt: number, u: number) =>
    (values[prompt * rows * units + u] + values[(prompt * rows + 1) * units + u]) / rows;
  const ofRest = (u: number) => (mean(0, u) + mean(1, u)) / 2;
  const rest = { mean: ofRest, sd: (u: number) => [1, 2, 0.5][u] };
  const fold: FoldNetworks = {
    fold: { session: 0, heldOut: Int32Array.of(2, 3, 4, 5), training: Int32Array.of(0, 1) },
    rest,
    networks: [
      { members: Int32Array.of(0, 2), profile: Float64Array.of(1.5, -0.5) },
      { members: new Int32Array(0), profile: new Float64Array(0) },
      { members: Int32Array.of(1), profile: Float64Array.of(0) },
      undefined,
    ],
  };
  const windows = [{ from: 0, to: rows, kind: 'first' }] as const;
  const [[found]] = await windowScores([recording], prompts, [fold], [...windows], () => {});
  const activity = {
    units,
    values: Float32Array.from({ length: 6 * units }, (_, at) => mean(Math.floor(at / units), at % units)),
  };
  const whole = scoresOf(patternsOf(activity, fold.rest, fold.fold.heldOut), fold.networks, fold.fold.heldOut);
  expect([...found.scores.slice(1, 4)]).toEqual([Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY]);
  const known = (scores: Float64Array) => scores.map((score) => (Number.isFinite(score) ? score : 99));
  expectWithinAbsolute(known(found.scores), known(whole.scores), 1e-6);
  expect(whole.scores[0]).not.toBe(0);
});
