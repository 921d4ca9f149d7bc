// Decoding steps of a model with every site put out, as ratios to the same model without sites in the same process.
//
//   node packages/core/model/bench/steps.mjs MODEL [--batches 1,8,32] [--tokens 24] [--rounds 3] [--threads 2] [--memory]
//
// MODEL is a checkpoint's folder; Galactica-125M's shape is what the limits are for. Activations go to nobody. `captured` is the
// median step without sites over the median step with them, both taken in turn; `inside` the part of the captured steps' time
// that onnxruntime's own run takes. With --memory the plain model is not loaded, so that the peak is that of the one model.
// bench/torch_hooks.py gives PyTorch's tokens a second in the same form.
import { parseArgs } from 'node:util';
import { loadSubject } from '@galvani/model';
import { InferenceSession } from '@galvani/onnx';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batches: { type: 'string', default: '1,8,32' },
    tokens: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string' },
    memory: { type: 'boolean', default: false },
  },
});
const [model] = positionals;
const newTokens = Number(values.tokens);
const options = values.threads ? { threads: Number(values.threads) } : {};
const say = (line) => process.stdout.write(`${line}\n`);
const peak = () => `peak memory ${(process.resourceUsage().maxRSS / 1e6).toFixed(2)} GB`;

let inside = 0;
const run = InferenceSession.prototype.run;
InferenceSession.prototype.run = async function (...args) {
  const began = performance.now();
  try {
    return await run.apply(this, args);
  } finally {
    inside += performance.now() - began;
  }
};

const began = performance.now();
const tapped = await loadSubject(model, options);
say(`loaded in ${((performance.now() - began) / 1000).toFixed(1)} s: ${tapped.sites.length} sites; ${peak()}`);
const plain = values.memory ? undefined : await loadSubject(model, { ...options, tap: false, digest: tapped.digest });

/** Milliseconds of the prompt pass and of each step after it, and the part of the latter inside onnxruntime. */
async function steps(subject, batch) {
  const prompts = Array.from({ length: batch }, (_, i) =>
    Int32Array.from({ length: 16 }, (_, j) => (10 + i * 31 + j * 17) % subject.vocabularySize),
  );
  const times = [];
  let last = performance.now();
  let insideFirst = 0;
  inside = 0;
  await subject.generate({
    prompts,
    newTokens,
    sampling: { method: 'greedy' },
    onStep() {
      const now = performance.now();
      times.push(now - last);
      last = now;
      if (times.length === 1) insideFirst = inside;
    },
  });
  const [first, ...rest] = times;
  return { first, rest, inside: (inside - insideFirst) / rest.reduce((a, b) => a + b, 0) };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

for (const batch of values.batches.split(',').map(Number)) {
  await steps(tapped, batch);
  if (plain) await steps(plain, batch);
  const captured = [];
  const uncaptured = [];
  let share = 0;
  let first = Number.POSITIVE_INFINITY;
  for (let round = 0; round < Number(values.rounds); round++) {
    if (plain) uncaptured.push(...(await steps(plain, batch)).rest);
    const result = await steps(tapped, batch);
    captured.push(...result.rest);
    share = Math.max(share, result.inside);
    first = Math.min(first, result.first);
  }
  const rate = (times) => ((1000 * batch) / median(times)).toFixed(1);
  const ratio = plain
    ? ` uncaptured ${rate(uncaptured)}, captured/uncaptured ${(median(uncaptured) / median(captured)).toFixed(3)} (at least 0.9);`
    : '';
  say(
    `batch ${batch}: ${rate(captured)} tokens/s;${ratio} inside onnxruntime ${share.toFixed(3)} (at least 0.9); first token after ${(first / 1000).toFixed(2)} s (at most 5); ${peak()}`,
  );
}
await tapped.release();
await plain?.release();
