import type { GenerationRequest, RecordedStep, Site } from '@galvani/model';
import { expect, test } from 'vitest';
import { generateRun } from '../src/presented-run.js';

const sites: Site[] = [
  { name: 'a', kind: 'linear', width: 2, layer: 'block-00' },
  { name: 'b', kind: 'head', width: 3, layer: 'final' },
];
/** A number that says where it belongs. */
const value = (prompt: number, position: number, s: number, unit: number) =>
  1000 * prompt + 100 * position + 10 * s + unit;

/** Stands in for a model whose activations are those numbers, in memory that it uses again. */
const subject = {
  sites,
  half: false,
  async generate({ prompts, newTokens, onStep }: GenerationRequest) {
    const rows = prompts.length;
    const memory = [0, 1].map(() => new Map(sites.map(({ name, width }) => [name, new Float32Array(rows * width)])));
    const pending: unknown[] = [];
    for (let position = 0; position < newTokens; position++) {
      const parity = position % 2;
      await pending[parity];
      for (const [s, { name, width }] of sites.entries())
        for (let r = 0; r < rows; r++)
          for (let u = 0; u < width; u++)
            memory[parity].get(name)![r * width + u] = value(prompts[r][0], position, s, u);
      const tokens = Int32Array.from(prompts, ([first]) => first);
      pending[parity] = onStep?.({ position, rows, tokens, sites: memory[parity] } as unknown as RecordedStep);
    }
    await Promise.all(pending);
    const tokens = prompts.map((prompt) => new Int32Array(newTokens).fill(prompt[0]));
    return { tokens, logProbabilities: [], entropies: [] };
  },
};

// From all tokens at once down to one: 5 units of 2 prompts are 40 bytes a token.
test.each([1e6, 90, 1])('rows come to stand prompt after prompt whatever waits in memory: %d bytes', async (budget) => {
  const prompts = [0, 1, 2, 3, 4].map((p) => Int32Array.of(p));
  const newTokens = 5;
  const found = sites.map(({ width }) => new Float32Array(prompts.length * newTokens * width).fill(Number.NaN));
  let pieces = 0;
  const run = { prompts, keys: prompts.map(String), newTokens, sampling: { method: 'greedy' } as const, batch: 2 };
  const { tokens } = await generateRun(
    subject,
    run,
    async (s, firstRow, rows, values) => {
      const { width } = sites[s];
      found[s].set(values.subarray(0, rows * width), firstRow * width);
      pieces++;
    },
    { budget },
  );
  expect(pieces).toBe({ 1e6: 6, 90: 2 * (4 * 3 + 2), 1: 2 * 25 }[budget]);
  expect(tokens.map(([first]) => first)).toEqual([0, 1, 2, 3, 4]);
  for (const [s, { width }] of sites.entries())
    expect([...found[s]]).toEqual(
      prompts.flatMap((_, p) =>
        Array.from({ length: newTokens * width }, (_, i) => value(p, Math.floor(i / width), s, i % width)),
      ),
    );
});

test('of units that are wanted alone nothing else is held, and of a site without any nothing comes', async () => {
  const prompts = [0, 1, 2].map((p) => Int32Array.of(p));
  const found: number[][] = [[], []];
  const run = { prompts, keys: ['0', '1', '2'], newTokens: 4, sampling: { method: 'greedy' } as const, batch: 2 };
  // Two numbers of two prompts: 16 bytes a token, so that two tokens wait at once.
  await generateRun(
    subject,
    run,
    async (s, firstRow, rows, values) => {
      for (let row = 0; row < rows; row++)
        for (let k = 0; k < 2; k++) found[s][2 * (firstRow + row) + k] = values[2 * row + k];
    },
    { budget: 32, units: [[], [2, 0]] },
  );
  expect(found[0]).toEqual([]);
  expect(found[1]).toEqual(
    prompts.flatMap((_, p) => [0, 1, 2, 3].flatMap((position) => [value(p, position, 1, 2), value(p, position, 1, 0)])),
  );
});
