import type { ActivationValues } from '@galvani/artifact';
import { type Activations, type Generation, type Sampling, type Site, type Subject, textEnds } from '@galvani/model';
import { type TokenSpan, textRow } from '@galvani/subject';

/** Rows of one site, [rows x units], the first of which is row `firstRow` of the run. Valid until the returned promise is resolved. */
export type RowSink = (site: number, firstRow: number, rows: number, values: ActivationValues) => Promise<void>;

export interface Presented {
  /** Bytes of activations that may wait until they are rows of one prompt after the other. Default: 256 MB. */
  budget?: number;
  /** Units of each site that the sink takes, and of which alone memory is held; none of a site that it is not asked of. Default: all. */
  units?: readonly (readonly number[] | undefined)[];
  signal?: AbortSignal;
  onTokens?(count: number): void;
}

/**
 * Has the subject continue prompts, batch by batch, and gives each site's rows to the sink: prompt after prompt, in each token after
 * token.
 *
 * @param keys the name of each prompt's random stream
 */
export async function generateRun(
  subject: Pick<Subject, 'sites' | 'half' | 'generate'>,
  { prompts, keys, newTokens, stopTokens, sampling, batch }: GeneratedRun,
  sink: RowSink,
  { budget = 256e6, units: wanted = [], signal, onTokens }: Presented = {},
): Promise<Generation> {
  const { sites, half } = subject;
  const widths = sites.map(({ width }, s) => wanted[s]?.length ?? width);
  const units = widths.reduce((sum, width) => sum + width, 0);
  const whole: Generation = { tokens: [], logProbabilities: [], entropies: [] };
  for (let first = 0; first < prompts.length; first += batch) {
    const rows = Math.min(batch, prompts.length - first);
    const steps = Math.max(1, Math.min(newTokens, Math.floor(budget / (rows * Math.max(1, units) * 4))));
    // For each site [rows x steps x width]: `steps` neighbouring tokens of each prompt.
    const held = widths.map((width) => allocate(half, rows * steps * width));
    const ends = textEnds(rows, stopTokens);
    const give = async (start: number, count: number) => {
      const counts = Array.from({ length: rows }, (_, r) => Math.min(count, (ends.lengthOf(r) ?? newTokens) - start));
      const whole = count === newTokens && counts.every((own) => own === count);
      for (const [s, width] of widths.entries())
        if (width === 0) continue;
        else if (whole) await sink(s, first * newTokens, rows * count, held[s]);
        else
          for (let r = 0; r < rows; r++) {
            if (counts[r] <= 0) continue;
            const own = held[s].subarray(r * steps * width, (r * steps + counts[r]) * width);
            await sink(s, (first + r) * newTokens + start, counts[r], own);
          }
    };
    // Steps queue up: the next may come while this one's rows are still written.
    let queue = Promise.resolve();
    const generation = await subject.generate({
      prompts: prompts.slice(first, first + rows),
      promptKeys: keys.slice(first, first + rows),
      newTokens,
      ...{ sampling, signal, endTokens: stopTokens, stopAtEnd: stopTokens !== undefined },
      onStep(step) {
        queue = queue.then(async () => {
          for (let r = 0; r < rows; r++) ends.take(r, step.tokens[r], step.position);
          const within = step.position % steps;
          for (const [s, { name, width }] of sites.entries()) {
            const values = activationsOf(step, name);
            const own = wanted[s];
            for (let r = 0; r < rows; r++)
              if (own) putUnits(values, r * width, own, held[s], (r * steps + within) * own.length);
              else held[s].set(values.subarray(r * width, (r + 1) * width), (r * steps + within) * width);
          }
          if (within === steps - 1 || step.position === newTokens - 1 || ends.all())
            await give(step.position - within, within + 1);
        });
        onTokens?.(step.rows);
        return queue;
      },
    });
    whole.tokens.push(...generation.tokens);
    whole.logProbabilities.push(...generation.logProbabilities);
    whole.entropies.push(...generation.entropies);
  }
  return whole;
}

export interface GeneratedRun {
  prompts: Int32Array[];
  keys: string[];
  newTokens: number;
  /** Tokens after which nothing is generated for a prompt. Default: none. */
  stopTokens?: readonly number[];
  sampling: Sampling;
  /** Prompts at once. */
  batch: number;
}

export interface ReadRun {
  texts: Int32Array[];
  /** Which tokens of each text count. Default: all. */
  spans?: readonly TokenSpan[];
  /** Rows that are kept of each text: of all its tokens, one with their mean, or that of the last. */
  kept: 'all' | 'mean' | 'last';
  /** The sites of the recording, whose number decides how many tokens are read at once. */
  passagesOf: readonly Site[];
}

/**
 * Has the subject read texts, and gives each site's rows to the sink, text after text. Returns the tokens and their log probabilities
 * (NaN of a text's first), those that count.
 */
export async function readRun(
  { sites, read }: Pick<Subject, 'sites' | 'read'>,
  { texts, spans, kept, passagesOf }: ReadRun,
  sink: RowSink,
  { units: wanted = [], signal, onTokens }: Omit<Presented, 'budget'> = {},
): Promise<Pick<Generation, 'tokens' | 'logProbabilities'>> {
  const logProbabilities = texts.map(({ length }) => new Float32Array(length));
  const widths = sites.map(({ width }) => width);
  const row = kept === 'all' ? undefined : textRow(kept, widths);
  const spanOf = (text: number) => spans?.[text] ?? { from: 0, until: texts[text].length };
  let firstRow = 0;
  const give = async (s: number, first: number, rows: number, values: ActivationValues) => {
    const own = wanted[s];
    if (!own) return sink(s, first, rows, values);
    if (own.length === 0) return;
    const some = allocate(values instanceof Uint16Array, rows * own.length);
    for (let r = 0; r < rows; r++) putUnits(values, r * widths[s], own, some, r * own.length);
    return sink(s, first, rows, some);
  };
  await read({
    texts,
    passagesOf,
    signal,
    async onPassage({ text, from, tokens, logProbabilities: own, ...activations }) {
      logProbabilities[text].set(own, from);
      onTokens?.(tokens.length);
      const span = spanOf(text);
      const offset = Math.max(0, span.from - from);
      const rows = Math.min(tokens.length, span.until - from) - offset;
      if (rows <= 0) return;
      for (const [s, { name }] of sites.entries()) {
        const values = activationsOf(activations, name).subarray(offset * widths[s], (offset + rows) * widths[s]);
        if (row) row.add(s, rows, values);
        else await give(s, firstRow, rows, values);
      }
      firstRow += rows;
      if (row && from + offset + rows === span.until)
        for (const [s, values] of row.take(span.until - span.from).entries()) await give(s, text, 1, values);
    },
  });
  const counted = <T extends Int32Array | Float32Array>(all: readonly T[]) =>
    all.map((own, text) => own.subarray(spanOf(text).from, spanOf(text).until) as T);
  return { tokens: counted(texts), logProbabilities: counted(logProbabilities) };
}

/** Some units of a row. */
function putUnits(
  values: ActivationValues,
  from: number,
  units: readonly number[],
  out: ActivationValues,
  to: number,
): void {
  for (let k = 0; k < units.length; k++) out[to + k] = values[from + units[k]];
}

const allocate = (half: boolean, length: number) => (half ? new Uint16Array(length) : new Float32Array(length));

/** A site's numbers as the subject gives them. */
const activationsOf = ({ sites, halves }: Activations, site: string): ActivationValues => (halves ?? sites).get(site)!;
