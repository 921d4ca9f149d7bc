import { decodeFloat16 } from '@galvani/numerics';
import { Failure } from '@galvani/terminal';
import type { Activations } from './activations.js';
import type { RecordedStep } from './forward/request.js';
import { loadSubject } from './load-subject.js';
import type { ImportedSubject } from './onnx-import/imported-subject.js';
import type { Subject, SubjectOptions } from './subject.js';

export interface SelfCheckOptions extends Omit<SubjectOptions, 'tap'> {
  /** The model, if it is loaded already with the same options. */
  subject?: Subject;
  /** Tokens that are compared for each prompt. Default: 3. */
  newTokens?: number;
  /** Largest difference that counts as rounding, relative to the largest number of the site. Default: 1e-3. */
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
 */
export async function selfCheck(
  path: string,
  prompts: Int32Array[],
  { subject, newTokens = 3, tolerance = 1e-3, ...options }: SelfCheckOptions = {},
): Promise<SelfCheckResult> {
  const tapped = subject ?? (await loadSubject(path, options));
  let plain: Subject | undefined;
  let result: SelfCheckResult = { worst: 'log_probabilities', difference: 0 };
  const compare = (name: string, found: Float32Array, expected: Float32Array) => {
    const difference = differenceToScale(found, expected);
    if (!(difference <= result.difference)) result = { worst: name, difference };
  };
  try {
    // Quantized operators that onnxruntime fuses give other numbers, which has nothing to do with recording.
    const optimization = 'check' in tapped ? (tapped as ImportedSubject).check.optimization : undefined;
    plain = await loadSubject(path, { ...options, digest: tapped.digest, tap: false, frugal: true, optimization });
    const recorded: { distributions: Float32Array; sites: Map<string, Float32Array> }[] = [];
    const keep = (step: RecordedStep) => {
      recorded.push({ distributions: step.distributions!.slice(), sites: copyOf(step) });
    };
    const { tokens } = await tapped.generate({
      prompts,
      newTokens,
      sampling: greedy,
      distributions: true,
      onStep: keep,
    });
    for (const [row, prompt] of prompts.entries())
      for (const [step, { distributions, sites }] of recorded.entries()) {
        const text = Int32Array.of(...prompt, ...tokens[row].subarray(0, step));
        const rowOf = (all: Float32Array) =>
          all.subarray((row * all.length) / prompts.length, ((row + 1) * all.length) / prompts.length);
        const one = { prompts: [text], newTokens: 1, sampling: greedy };
        await plain.generate({
          ...one,
          distributions: true,
          onStep: (anew) => compare('log_probabilities', rowOf(distributions), anew.distributions!),
        });
        await tapped.generate({
          ...one,
          onStep(step) {
            const anew = copyOf(step);
            for (const [name, activations] of sites) compare(name, rowOf(activations), anew.get(name)!);
          },
        });
      }
  } finally {
    await plain?.release();
    if (!subject) await tapped.release();
  }
  if (!(result.difference <= tolerance))
    throw new Failure(
      `what is recorded of ${tapped.name} is not what the model computes: ${result.worst} differs by ${result.difference.toExponential(1)} of its largest number between the recording and the plain model, and rounding explains ${tolerance}. Nothing was recorded.`,
    );
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
