import type { PromptView, RunView } from '@galvani/view';
import type { Numbers } from '../data/parts.js';

/** A unit's activity over one run. */
export interface RunCourse {
  run: RunView;
  /** Place of the run's first row among those of all recorded runs. */
  first: number;
  /** A value for each row: a token, or a prompt where prompts' means are kept. */
  values: Numbers;
  /** For each row its prompt, from 0. */
  promptOf: ArrayLike<number>;
  /** For each row 1 if statistics count it. */
  counted: Uint8Array;
  /** Mean of each prompt's rows that count; NaN where none does. */
  promptMeans: Float64Array;
}

/**
 * A unit's series cut into runs.
 *
 * @param series of all recorded runs, one after another
 * @param keep what a value is of
 */
export function studyCourse(
  runs: readonly RunView[],
  series: Numbers,
  { keep, afterEnd }: { keep: 'tokens' | 'prompts'; afterEnd: 'keep' | 'drop' },
): RunCourse[] {
  let first = 0;
  return runs.map((run) => {
    const { prompts, tokens } = run;
    const promptOf = keep === 'tokens' ? tokens.prompt : prompts.map((_, p) => p);
    const values = series.subarray(first, first + promptOf.length);
    const counted = Uint8Array.from(promptOf, (_, row) =>
      keep === 'tokens' && afterEnd === 'drop' && tokens.after_end[row] ? 0 : 1,
    );
    const course = { run, first, values, promptOf, counted, promptMeans: means(values, promptOf, counted, prompts) };
    first += promptOf.length;
    return course;
  });
}

function means(values: Numbers, promptOf: ArrayLike<number>, counted: Uint8Array, prompts: readonly PromptView[]) {
  const sums = new Float64Array(prompts.length);
  const counts = new Float64Array(prompts.length);
  for (let row = 0; row < values.length; row++)
    if (counted[row] === 1) {
      sums[promptOf[row]] += values[row];
      counts[promptOf[row]]++;
    }
  return sums.map((sum, p) => sum / counts[p]);
}

/** A prompt of the study, or a token of one, with the unit's activity. */
export interface Extreme {
  course: RunCourse;
  /** Row in the run of the token; of a prompt its first row. */
  row: number;
  prompt: number;
  value: number;
}

/** Prompts by their mean, the highest first. */
export const rankedPrompts = (courses: readonly RunCourse[]): Extreme[] =>
  courses
    .flatMap((course) =>
      Array.from(course.promptMeans, (value, prompt) => ({
        ...{ course, prompt, value },
        row: Array.prototype.indexOf.call(course.promptOf, prompt),
      })),
    )
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => b.value - a.value);

/** Tokens that statistics count by their activity, the highest first. */
export const rankedTokens = (courses: readonly RunCourse[]): Extreme[] =>
  courses
    .flatMap((course) =>
      Array.from(course.values, (value, row) => ({ course, row, prompt: course.promptOf[row], value })),
    )
    .filter(({ course, row, value }) => course.counted[row] === 1 && !Number.isNaN(value))
    .sort((a, b) => b.value - a.value);

/** What a unit comes to over some prompts' tokens, position after position. */
export interface PositionMean {
  position: number;
  mean: number;
  /** Standard error of the mean over prompts; NaN of fewer than two. */
  error: number;
  prompts: number;
}

/** Means over prompts at each token position, of task and of rest; only rows that count. */
export function positionMeans(courses: readonly RunCourse[], condition: 'task' | 'rest'): PositionMean[] {
  const at: number[][] = [];
  for (const { run, values, promptOf, counted } of courses)
    for (let row = 0; row < values.length; row++) {
      if (counted[row] === 0 || run.prompts[promptOf[row]].condition !== condition) continue;
      const position = run.tokens.position[row] ?? 0;
      at[position] ??= [];
      at[position].push(values[row]);
    }
  return Array.from(at, (own = [], position) => ({ position, ...meanAndError(own) })).filter(
    ({ prompts }) => prompts > 0,
  );
}

export function meanAndError(values: readonly number[]): { mean: number; error: number; prompts: number } {
  const { length: prompts } = values;
  const mean = values.reduce((a, b) => a + b, 0) / prompts;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: prompts > 1 ? Math.sqrt(squares / (prompts - 1) / prompts) : Number.NaN, prompts };
}

/** Neighbouring prompts of one condition, as rows of a run: from the first to before the second. */
export interface Block {
  condition: string;
  first: number;
  end: number;
}

export function blocksOf({ run, promptOf }: Pick<RunCourse, 'run' | 'promptOf'>): Block[] {
  const blocks: (Block & { block: number })[] = [];
  for (let row = 0; row < promptOf.length; row++) {
    const { block, condition } = run.prompts[promptOf[row]];
    const last = blocks.at(-1);
    if (last?.block === block) last.end = row + 1;
    else blocks.push({ block, condition, first: row, end: row + 1 });
  }
  return blocks.map(({ condition, first, end }) => ({ condition, first, end }));
}
