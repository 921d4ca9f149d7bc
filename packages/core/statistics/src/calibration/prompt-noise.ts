import type { RandomStream } from '@galvani/numerics';

/** How prompts' means vary where no condition has an effect, and what is tested. */
export interface PromptNoise {
  readonly name: string;
  /** Runs of each task. */
  readonly runs: number;
  /** A task against rest, task a against task b, or both against rest by F; each task has runs of its own. */
  readonly tested: 'task' | 'difference' | 'both';
  /** Number of tokens of a prompt. */
  readonly length: (stream: RandomStream, isTask: boolean) => number;
  /** Variance of a prompt's level. */
  readonly promptVariance: number;
  /** Variance of a token about its prompt's level: a mean varies by it over the prompt's length. */
  readonly tokenVariance: number;
  /** What both variances are multiplied with in prompts of the (first) task. */
  readonly spread: number;
  /** A prompt's level, of mean 0 and variance 1. */
  readonly level: (stream: RandomStream) => number;
  /** Share of the levels' variance that is of five factors, which all units have in common. */
  readonly common: number;
}

const equal: Omit<PromptNoise, 'name'> = {
  runs: 4,
  tested: 'task',
  length: () => 1,
  promptVariance: 1,
  tokenVariance: 0,
  spread: 1,
  level: (stream) => stream.normal(),
  common: 0,
};

const from = (low: number, high: number) => (stream: RandomStream) => low + stream.integer(high - low + 1);
const [few, many, any] = [from(2, 8), from(8, 20), from(2, 20)];
const logNormal = (stream: RandomStream) => Math.max(1, Math.round(8 * Math.exp(0.6 * stream.normal())));
const longer: PromptNoise['length'] = (stream, isTask) => (isTask ? many : few)(stream);
const shorter: PromptNoise['length'] = (stream, isTask) => (isTask ? few : many)(stream);

/** Where the variance of means comes from: tokens of a prompt of ten weigh as much as its level where there are both. */
const prompt = { promptVariance: 1, tokenVariance: 0 };
const token = { promptVariance: 0, tokenVariance: 1 };
const both = { promptVariance: 1, tokenVariance: 10 };

const skewed = (stream: RandomStream) => -Math.log(1 - stream.uniform()) - 1;

/** Student's t with 3 degrees of freedom, over its standard deviation. Bailey, Math. Comp. 62 (1994). */
function heavyTailed(stream: RandomStream): number {
  for (;;) {
    const u = 2 * stream.uniform() - 1;
    const v = 2 * stream.uniform() - 1;
    const w = u * u + v * v;
    if (w <= 1 && w > 0) return u * Math.sqrt((w ** (-2 / 3) - 1) / w);
  }
}

/** The kinds of noise of prompts that the default is tried on, by name: 4 runs of each task if the name says nothing else. */
export const promptNoises: readonly PromptNoise[] = [
  noise('equal'),
  noise('lengths 2-20, prompt', { length: any, ...prompt }),
  noise('lengths 2-20, token', { length: any, ...token }),
  noise('lengths 2-20, both', { length: any, ...both }),
  noise('lengths log-normal', { length: logNormal, ...token }),
  noise('heavy tails', { level: heavyTailed }),
  noise('correlated units', { common: 0.6 }),
  noise('task longer, prompt', { length: longer, ...prompt }),
  noise('task longer, token', { length: longer, ...token }),
  noise('task longer, both', { length: longer, ...both }),
  noise('task shorter, prompt', { length: shorter, ...prompt }),
  noise('task shorter, token', { length: shorter, ...token }),
  noise('task shorter, both', { length: shorter, ...both }),
  noise('task x4', { spread: 4 }),
  noise('task x1/4', { spread: 1 / 4 }),
  noise('task x4, correlated', { spread: 4, common: 0.6 }),
  noise('2 runs', { runs: 2 }),
  noise('2 runs, x4', { runs: 2, spread: 4 }),
  noise('2 runs, x1/4', { runs: 2, spread: 1 / 4 }),
  noise('2 runs, shorter', { runs: 2, length: shorter, ...token }),
  noise('8 runs', { runs: 8 }),
  noise('8 runs, x4', { runs: 8, spread: 4 }),
  noise('8 runs, x1/4', { runs: 8, spread: 1 / 4 }),
  noise('8 runs, shorter', { runs: 8, length: shorter, ...token }),
  noise('a - b', { tested: 'difference' }),
  noise('a - b, a x4', { tested: 'difference', spread: 4 }),
  noise('F of a, b', { tested: 'both' }),
  noise('F of a, b, a x4', { tested: 'both', spread: 4 }),
  noise('skewed', { level: skewed }),
  noise('skewed, x4', { level: skewed, spread: 4 }),
];

function noise(name: string, differing: Partial<PromptNoise> = {}): PromptNoise {
  return { ...equal, name, ...differing };
}

/** Standard deviations of prompts' means, [prompts], from lengths that are drawn. */
export function drawDeviations(noise: PromptNoise, tasks: Int32Array, stream: RandomStream): Float64Array {
  return Float64Array.from(tasks, (task) => {
    const length = noise.length(stream, task > 0);
    const variance = noise.promptVariance + noise.tokenVariance / length;
    return Math.sqrt(variance * (task === 1 ? noise.spread : 1));
  });
}

/**
 * Prompts' means without any effect.
 *
 * @param deviations of the means, [prompts]
 * @returns [prompts x units] row-major
 */
export function simulatePrompts(
  { level, common }: PromptNoise,
  deviations: Float64Array,
  units: number,
  stream: RandomStream,
): Float64Array {
  const means = new Float64Array(deviations.length * units);
  const factors = common > 0 ? 5 : 0;
  const loadings = Float64Array.from({ length: factors * units }, () => stream.normal());
  for (let unit = 0; unit < units && factors > 0; unit++) {
    let squares = 0;
    for (let f = 0; f < factors; f++) squares += loadings[f * units + unit] ** 2;
    for (let f = 0; f < factors; f++) loadings[f * units + unit] *= Math.sqrt(common / squares);
  }
  const own = Math.sqrt(1 - common);
  for (const [b, deviation] of deviations.entries()) {
    const scores = Float64Array.from({ length: factors }, () => stream.normal());
    for (let unit = 0, at = b * units; unit < units; unit++, at++) {
      let value = own * level(stream);
      for (let f = 0; f < factors; f++) value += loadings[f * units + unit] * scores[f];
      means[at] = deviation * value;
    }
  }
  return means;
}
