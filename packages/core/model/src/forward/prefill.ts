import { type InferenceSession, runInPlace } from '@galvani/onnx';
import { cacheTensors, type KeyValueCache } from '../session/key-value-cache.js';
import { type RunTokens, tokenFeeds } from '../session/runner.js';
import { type PrefillRun, planPrefill } from './prefill-plan.js';

/** Tokens that one run of the prompt pass takes: enough to use the processor well, few enough to stay small in memory. */
const tokensPerRun = 256;

/**
 * The prompt pass: fills the cache with the keys and values of all but each prompt's last token. That one is left for the first
 * step, which is recorded as every later one is, so that sites are computed for the one position that is recorded. A prompt of a
 * single token is passed whole; the step finds its key there and writes it again.
 *
 * @param feedsOfRows what else the graph takes for some of the prompts
 */
export async function prefill(
  session: InferenceSession,
  prompts: readonly Int32Array[],
  cache: KeyValueCache,
  feedsOfRows: (firstRow: number, rows: number) => InferenceSession.FeedsType,
  signal?: AbortSignal,
): Promise<void> {
  const passed = prompts.map((prompt) => prompt.subarray(0, Math.max(1, prompt.length - 1)));
  const runs = planPrefill(
    passed.map(({ length }) => length),
    tokensPerRun,
  );
  for (const run of runs) {
    signal?.throwIfAborted();
    const { past, present } = cacheTensors(cache, run.firstRow, run.rows);
    const feeds = { ...tokenFeeds(paddedRun(passed, run)), ...past, ...feedsOfRows(run.firstRow, run.rows) };
    await runInPlace(session, feeds, present);
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
