/**
 * What each row of a series is: one generated token of one prompt of one run.
 *
 * Rows of one prompt are neighbours and in order of position; prompts of one run are neighbours.
 */
export interface PromptLayout {
  /** Run of each row, any whole numbers. */
  run: Int32Array;
  /** Prompt of each row, any whole numbers; the same number in two runs is two prompts. */
  prompt: Int32Array;
  /** Position of each row within its prompt, from 0. */
  position: Int32Array;
}

/** The prompts of a layout: contexts that start afresh, so that nothing is correlated across their borders. */
export interface Segments {
  count: number;
  /** First row of each. */
  start: Int32Array;
  /** Rows of each. */
  length: Int32Array;
  /** Run of each. */
  run: Int32Array;
  /** Segment of each row. */
  ofRow: Int32Array;
}

/**
 * A layout from the run and the prompt of each row; positions are counted. Throws where a prompt comes back later.
 *
 * @example promptLayout([0, 0, 0, 0], [0, 0, 1, 1]).position // [0, 1, 0, 1]
 */
export function promptLayout(run: ArrayLike<number>, prompt: ArrayLike<number>): PromptLayout {
  const layout = {
    run: Int32Array.from(run),
    prompt: Int32Array.from(prompt),
    position: new Int32Array(run.length),
  };
  const { start, count, length } = segmentsOf(layout);
  for (let s = 0; s < count; s++) for (let i = 0; i < length[s]; i++) layout.position[start[s] + i] = i;
  return layout;
}

/**
 * A layout of equal prompts: `runs` runs of `promptsPerRun` prompts of `tokens` rows; prompts are numbered within a run.
 */
export function uniformLayout(runs: number, promptsPerRun: number, tokens: number): PromptLayout {
  const rows = runs * promptsPerRun * tokens;
  const run = new Int32Array(rows);
  const prompt = new Int32Array(rows);
  const position = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const segment = Math.floor(row / tokens);
    run[row] = Math.floor(segment / promptsPerRun);
    prompt[row] = segment % promptsPerRun;
    position[row] = row % tokens;
  }
  return { run, prompt, position };
}

/** The prompts of a layout, in order of rows. */
export function segmentsOf(layout: PromptLayout): Segments {
  const known = segmentsOfLayout.get(layout);
  if (known !== undefined) return known;
  const found = findSegments(layout);
  segmentsOfLayout.set(layout, found);
  return found;
}

/** Many chunks of units are fitted with one layout. */
const segmentsOfLayout = new WeakMap<PromptLayout, Segments>();

function findSegments(layout: PromptLayout): Segments {
  const { run, prompt } = layout;
  const rows = run.length;
  if (prompt.length !== rows) throw new RangeError(`a layout has ${rows} runs and ${prompt.length} prompts`);
  const start: number[] = [];
  const ofRow = new Int32Array(rows);
  const seen = new Set<string>();
  for (let row = 0; row < rows; row++) {
    if (row === 0 || run[row] !== run[row - 1] || prompt[row] !== prompt[row - 1]) {
      const key = `${run[row]} ${prompt[row]}`;
      if (seen.has(key)) throw new RangeError(`prompt ${prompt[row]} of run ${run[row]} comes back at row ${row}`);
      seen.add(key);
      start.push(row);
    }
    ofRow[row] = start.length - 1;
  }
  const count = start.length;
  return {
    count,
    start: Int32Array.from(start),
    length: Int32Array.from(start, (first, s) => (s + 1 < count ? start[s + 1] : rows) - first),
    run: Int32Array.from(start, (first) => run[first]),
    ofRow,
  };
}

/** Each run as one segment: nilearn's convention, where a run is one unbroken series. */
export function runSegments(layout: PromptLayout): Segments {
  return segmentsOf({ run: layout.run, prompt: new Int32Array(layout.run.length), position: layout.position });
}
