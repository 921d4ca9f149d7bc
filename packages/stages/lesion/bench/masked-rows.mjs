/**
 * What masks cost: rows a second that are read, and tokens a second that are generated, with a mask of its own in every row, as the same
 * graph without masks gives them in the same process, in turn. Galactica-125M's shape unless a checkpoint is named.
 *
 *     node packages/stages/lesion/bench/masked-rows.mjs [--model FOLDER] [--rows 64] [--tokens 16] [--rounds 3] [--sites '*.activation_fn']
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadSubject, openLossSubject, rowInterventions } from '@galvani/model';
import { randomCheckpoint } from '../../extract/bench/random-checkpoint.mjs';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string' },
    rows: { type: 'string', default: '64' },
    tokens: { type: 'string', default: '16' },
    rounds: { type: 'string', default: '3' },
    sites: { type: 'string', default: '*.activation_fn' },
  },
});
const [rows, tokens, rounds] = [flags.rows, flags.tokens, flags.rounds].map(Number);
const model = flags.model ?? (await randomCheckpoint(join(tmpdir(), 'galvani-bench', 'galactica-shape')));
const interventions = { include: [flags.sites] };
const text = Int32Array.from({ length: tokens }, (_, k) => 5 + ((k * 104_729) % 4000));
const say = (line) => process.stdout.write(`${line}\n`);

/** In each row a tenth of each site's units, others in every row. */
const changesOf = (sites) =>
  Array.from({ length: rows }, (_, row) =>
    sites.map(({ name, width }) => ({
      site: name,
      units: Array.from({ length: Math.floor(width / 10) }, (_, k) => (10 * k + row) % width),
      scale: 0,
      offset: 0.1,
    })),
  );

/** Rows a second of two ways in turn, the best round of each: [masked, plain]. */
async function inTurn(masked, plain) {
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round <= rounds; round++)
    for (const [k, work] of [masked, plain].entries()) {
      const began = performance.now();
      await work();
      // The first round warms up.
      if (round > 0) best[k] = Math.min(best[k], performance.now() - began);
    }
  return best.map((time) => (1000 * rows) / time);
}

const tell = (what, unit, [masked, plain]) =>
  say(
    `${what}: ${masked.toFixed(1)} ${unit} masked, ${plain.toFixed(1)} without; ratio ${(masked / plain).toFixed(3)} (limit 0.8)`,
  );

const masked = await openLossSubject(model, { interventions });
const plain = await openLossSubject(model, {});
const changes = changesOf(masked.intervened);
const nothing = changes.map(() => []);
tell(
  `losses of a text of ${tokens} tokens, ${rows} rows`,
  'rows/s',
  await inTurn(
    () => masked.losses({ texts: [text], changes }),
    () => plain.losses({ texts: [text], changes: nothing }),
  ),
);
await masked.release();
await plain.release();

const generating = await loadSubject(model, { tap: false, interventions });
const untouched = await loadSubject(model, { tap: false });
const request = { prompts: Array(rows).fill(text), newTokens: 8, sampling: { method: 'greedy' } };
const given = rowInterventions(generating.intervened, changes);
tell(
  `generating 8 tokens, ${rows} rows`,
  'rows/s',
  await inTurn(
    () => generating.generate({ ...request, interventions: given }),
    () => untouched.generate(request),
  ),
);
