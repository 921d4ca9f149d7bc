import type { InferenceSession } from 'onnxruntime-node';
import { appendKeys, type KeyValueCache, newKeyFetches, pastFeeds } from '../session/key-value-cache.js';
import { createOutputBuffers, type OutputBuffers, shrinkOutputBuffers } from '../session/output-buffers.js';
import { type Readout, readoutFetches } from '../session/readout-buffers.js';
import { runInPlace } from '../session/run-in-place.js';
import { type RunTokens, tokenFeeds } from '../session/runner.js';
import type { Site } from '../site.js';
import { type PrefillRun, planPrefill } from './prefill-plan.js';

/** Bytes of outputs that one run of the prompt pass may make. */
const outputBudget = 64 << 20;

/** Tokens that one run takes, by how many units each of them has; `headUnits` are those of the head, if it is at every token. */
export function tokensAtOnce(sites: readonly Site[], headUnits = 0): number {
  const units = sites.reduce((sum, { width, kind }) => sum + (kind === 'head' ? 0 : width), 0) + headUnits;
  return Math.max(16, Math.min(256, Math.floor(outputBudget / (4 * Math.max(1, units)))));
}

/**
 * The prompt pass: fills the cache with the prompts' keys and values, and leaves the activity at each prompt's last position
 * in `into` and what the logits say there in `readout`.
 */
export async function prefill(
  session: InferenceSession,
  /** All sites of the graph: whether or not they are captured, their outputs cost memory in the prompt pass. */
  sites: readonly Site[],
  prompts: readonly Int32Array[],
  cache: KeyValueCache,
  into: OutputBuffers,
  readout: Readout,
  vocabularySize: number,
  limit: number,
  signal?: AbortSignal,
): Promise<void> {
  const runs = planPrefill(
    prompts.map((p) => p.length),
    limit,
  );
  const most = Math.max(...runs.map(({ rows, from, to }) => rows * (to - from)));
  const held = createOutputBuffers(sites, most, Math.max(...runs.map(({ rows }) => rows)));
  for (const run of runs) {
    signal?.throwIfAborted();
    const { firstRow, rows, from, to } = run;
    const columns = to - from;
    const tokens = paddedRun(prompts, run);
    const feeds = { ...tokenFeeds(tokens), ...pastFeeds(cache, firstRow, rows) };
    const newKeys = newKeyFetches(cache, rows, columns);
    if (rows === 1 && to < prompts[firstRow].length) {
      await runInPlace(session, feeds, newKeys);
      appendKeys(cache, tokens, firstRow);
      continue;
    }
    const outputs = shrinkOutputBuffers(held, sites, rows * columns, rows);
    await runInPlace(session, feeds, {
      ...newKeys,
      ...outputs.fetches,
      ...readoutFetches(readout, vocabularySize, firstRow, rows),
    });
    appendKeys(cache, tokens, firstRow);
    for (const { name, width, kind } of sites) {
      const from = outputs.sites.get(name) as Float32Array;
      const target = into.sites.get(name) as Float32Array;
      for (let r = 0; r < rows; r++) {
        const row = kind === 'head' ? r : Number(tokens.headRows[r]);
        target.set(from.subarray(row * width, (row + 1) * width), (firstRow + r) * width);
      }
    }
  }
}

/** The tokens of one run over some texts; logits are asked for at each row's last token in it. */
export function paddedRun(texts: readonly Int32Array[], { firstRow, rows, from, to }: PrefillRun): RunTokens {
  const columns = to - from;
  const tokens: RunTokens = {
    rows,
    columns,
    ids: new BigInt64Array(rows * columns),
    positions: new BigInt64Array(rows * columns),
    lastKeys: new Int32Array(rows),
    headRows: new BigInt64Array(rows),
  };
  for (let r = 0; r < rows; r++) {
    const text = texts[firstRow + r];
    const last = Math.min(to, text.length) - 1;
    for (let c = 0; c < columns; c++) {
      // Padding repeats the last token and its position: nobody looks at it, and it is a valid one.
      const at = Math.min(from + c, last);
      tokens.ids[r * columns + c] = BigInt(text[at]);
      tokens.positions[r * columns + c] = BigInt(at);
    }
    tokens.lastKeys[r] = last;
    tokens.headRows[r] = BigInt(r * columns + last - from);
  }
  return tokens;
}
