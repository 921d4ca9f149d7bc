import { decodeFloat16 } from '@galvani/numerics';
import { Failure } from '@galvani/terminal';
import type { Activations } from './activations.js';
import { loadSubject } from './load-subject.js';
import { isOnnxFile } from './model-files.js';
import type { ImportedSubject } from './onnx-import/imported-subject.js';
import { recordedRounding } from './recorded-rounding.js';
import type { Subject, SubjectOptions } from './subject.js';

export interface SelfCheckOptions extends Omit<SubjectOptions, 'tap'> {
  /** The model, if it is loaded already with the same options, or what loads it: a checkpoint is then loaded when the plain one is gone from memory. */
  subject?: Subject | (() => Promise<Subject>);
  /** Tokens that are compared for each prompt. Default: 3. */
  newTokens?: number;
  /** Largest difference that counts as rounding, relative to the largest number of the site. Default: 1e-3, and 0.05 of an .onnx file that rounds to float16 or to eight bits. */
  tolerance?: number;
}

/** The worst difference that was found. */
export interface SelfCheckResult {
  /** The site, or `log_probabilities`. */
  worst: string;
  /** Relative to the largest number of the site at that token. */
  difference: number;
}

const greedy = { method: 'greedy' } as const;

/**
 * Compares some generated tokens as they are recorded (every site an output, prompts in one batch, keys and values cached)
 * with the plain model: the log probabilities of a graph without taps, and every site, each prompt alone and computed anew
 * from its first token for every new one. Throws a `Failure` that names the worst site if the two differ by more than rounding.
 * What was loaded by `subject` is the caller's to release, unless the check fails.
 */
export async function selfCheck(
  path: string,
  prompts: Int32Array[],
  { subject, newTokens = 3, tolerance: asked, ...options }: SelfCheckOptions = {},
): Promise<SelfCheckResult & { subject: Subject }> {
  const load = async () => (typeof subject === 'function' ? subject() : (subject ?? loadSubject(path, options)));
  // Of somebody else's ONNX file only the recorded graph says how far the plain one may be optimized.
  let tapped = isOnnxFile(path) || typeof subject === 'object' ? await load() : undefined;
  let passed = false;
  try {
    const expected = await plainPredictions(path, prompts, newTokens, options, tapped);
    tapped ??= await load();
    const result = await compareRecorded(tapped, prompts, newTokens, expected);
    const tolerance = asked ?? recordedRounding((tapped as Partial<ImportedSubject>).coarse === true);
    if (!(result.difference <= tolerance))
      throw new Failure(
        `what is recorded of ${tapped.name} is not what the model computes: ${result.worst} differs by ${result.difference.toExponential(1)} of its largest number between the recording and the plain model, and rounding explains ${tolerance}. Nothing was recorded.`,
      );
    passed = true;
    return { ...result, subject: tapped };
  } finally {
    const own = subject === undefined || (typeof subject === 'function' && !passed);
    if (own) await tapped?.release();
  }
}

/** What the plain model goes on with, each prompt alone and without a cache. */
interface Predictions {
  /** The most probable tokens, by prompt. */
  tokens: Int32Array[];
  /** Log probabilities of all tokens, by prompt and new token. */
  distributions: Float32Array[][];
}

async function plainPredictions(
  path: string,
  prompts: readonly Int32Array[],
  newTokens: number,
  options: SubjectOptions,
  tapped?: Subject,
): Promise<Predictions> {
  // Quantized operators that onnxruntime fuses give other numbers, which has nothing to do with recording.
  const optimization = tapped && 'check' in tapped ? (tapped as ImportedSubject).check.optimization : undefined;
  // Only its name depends on its digest.
  const digest = tapped?.digest ?? options.digest ?? '';
  const plain = await loadSubject(path, { ...options, digest, tap: false, frugal: true, optimization });
  const found: Predictions = { tokens: [], distributions: [] };
  try {
    for (const prompt of prompts) {
      let text = prompt;
      const distributions: Float32Array[] = [];
      for (let step = 0; step < newTokens; step++) {
        const { tokens } = await plain.generate({
          prompts: [text],
          newTokens: 1,
          sampling: greedy,
          distributions: true,
          onStep: (anew) => void distributions.push(anew.distributions!.slice()),
        });
        text = Int32Array.of(...text, ...tokens[0]);
      }
      found.tokens.push(text.subarray(prompt.length));
      found.distributions.push(distributions);
    }
  } finally {
    await plain.release();
  }
  return found;
}

async function compareRecorded(
  tapped: Subject,
  prompts: readonly Int32Array[],
  newTokens: number,
  expected: Predictions,
): Promise<SelfCheckResult> {
  let result: SelfCheckResult = { worst: 'log_probabilities', difference: 0 };
  const compare = (name: string, found: Float32Array, expected: Float32Array) => {
    const difference = differenceToScale(found, expected);
    if (!(difference <= result.difference)) result = { worst: name, difference };
  };
  const recorded: { distributions: Float32Array; sites: Map<string, Float32Array> }[] = [];
  const { tokens, sums: grown } = await tapped.generate({
    prompts: [...prompts],
    newTokens,
    sampling: greedy,
    distributions: true,
    onStep: (step) => void recorded.push({ distributions: step.distributions!.slice(), sites: copyOf(step) }),
  });
  // The next generation uses the same memory.
  const sums = grown && new Map([...grown.sites].map(([site, values]) => [site, values.slice()]));
  for (const [row, prompt] of prompts.entries())
    for (const [step, { distributions, sites }] of recorded.entries()) {
      const before = tokens[row].subarray(0, step);
      const rowOf = (all: Float32Array) =>
        all.subarray((row * all.length) / prompts.length, ((row + 1) * all.length) / prompts.length);
      // Where two tokens are as probable but for rounding, the texts part.
      if (before.every((token, k) => token === expected.tokens[row][k]))
        compare('log_probabilities', rowOf(distributions), expected.distributions[row][step]);
      await tapped.generate({
        prompts: [Int32Array.of(...prompt, ...before)],
        newTokens: 1,
        sampling: greedy,
        onStep(step) {
          const anew = copyOf(step);
          for (const [name, activations] of sites) compare(name, rowOf(activations), anew.get(name)!);
        },
      });
    }
  if (sums) await compareSums(tapped, prompts, tokens, sums, compare);
  return result;
}

/** Activations by site, in memory of its own. */
function copyOf({ sites, halves }: Activations): Map<string, Float32Array> {
  if (halves) return new Map([...halves].map(([name, bits]) => [name, decodeFloat16(bits)]));
  return new Map([...sites].map(([name, activations]) => [name, activations.slice()]));
}

/** Largest difference, relative to the largest number expected; Infinity if a number is NaN. */
function differenceToScale(found: Float32Array, expected: Float32Array): number {
  let scale = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]));
    worst = Math.max(worst, Math.abs(found[i] - expected[i]));
  }
  if (Number.isNaN(worst) || Number.isNaN(scale)) return Number.POSITIVE_INFINITY;
  return worst === 0 ? 0 : worst / scale;
}

/** Each prompt's sums against the sum of its tokens' own, each computed anew from the prompt's first token. */
async function compareSums(
  summed: Subject,
  prompts: readonly Int32Array[],
  tokens: readonly Int32Array[],
  sums: ReadonlyMap<string, Float32Array>,
  compare: (name: string, found: Float32Array, expected: Float32Array) => void,
): Promise<void> {
  for (const [row, prompt] of prompts.entries()) {
    const expected = new Map(summed.sites.map(({ name, width }) => [name, new Float32Array(width)]));
    for (const step of tokens[row].keys()) {
      const text = Int32Array.of(...prompt, ...tokens[row].subarray(0, step));
      const one = await summed.generate({ prompts: [text], newTokens: 1, sampling: greedy });
      for (const [name, values] of one.sums!.sites) {
        const into = expected.get(name)!;
        for (const [u, value] of values.entries()) into[u] += value;
      }
    }
    for (const { name, width } of summed.sites)
      compare(name, sums.get(name)!.subarray(row * width, (row + 1) * width), expected.get(name)!);
  }
}
