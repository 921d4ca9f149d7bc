import { type MomentSet, pagedActivations } from '@galvani/artifact';
import type { Generation, Subject } from '@galvani/model';
import type { Recorded } from '@galvani/study';
import { type TextRow, type TokenSpan, textRow } from '@galvani/subject';
import { growingMoments } from './prompt-moments.js';
import { activationsOf } from './slab-sink.js';
import type { SlabWriter } from './slab-writer.js';

/** What `recordReading` need not be given. */
export interface ReadingOptions {
  /** Rows that are kept of each text: of all tokens (default), one with their mean, or that of the last. */
  kept?: Recorded['tokens'];
  /** Which tokens of each text count. Default: all. */
  spans?: readonly TokenSpan[];
  /** Moments that are kept of each text in place of rows. Default: none. */
  moments?: MomentSet;
  signal?: AbortSignal;
  /** Told how many further tokens were read. */
  onTokens?(count: number): void;
}

/**
 * Has the subject read the texts, without generating, and sends every site's output at every token to the writer, text after
 * text. The result holds the texts' own tokens; the first of a text has no log probability (NaN). Where one row a text is kept, it
 * holds what belongs to that row: the last token, with its own log probability and entropy or with the text's means of them. The
 * writer is neither finished nor abandoned here, and must share memory with the subject.
 */
export async function recordReading(
  subject: Pick<Subject, 'sites' | 'read'>,
  texts: Int32Array[],
  writer: SlabWriter,
  { kept = 'all', spans, moments, signal, onTokens }: ReadingOptions = {},
): Promise<Generation> {
  const { sites } = subject;
  const whole: Generation = {
    tokens: texts,
    logProbabilities: texts.map(({ length }) => new Float32Array(length)),
    entropies: texts.map(({ length }) => new Float32Array(length)),
  };
  const widths = sites.map(({ width }) => width);
  const row = moments ? momentRow(moments, widths) : kept === 'all' ? undefined : textRow(kept, widths);
  const spanOf = (text: number) => spans?.[text] ?? { from: 0, until: texts[text].length };
  let firstRow = 0;
  await subject.read({
    texts,
    allocate: pagedActivations,
    signal,
    async onPassage({ text, from, tokens, logProbabilities, entropies, ...activations }) {
      whole.logProbabilities[text].set(logProbabilities, from);
      whole.entropies[text].set(entropies, from);
      const rows = tokens.length;
      const values = sites.map(({ name }) => activationsOf(activations, name));
      const span = spanOf(text);
      const offset = Math.max(0, span.from - from);
      const count = Math.min(rows, span.until - from) - offset;
      if (!row && count > 0) {
        await writer.write({ sites: values, scalars: [], pieces: [{ offset, rows: count, firstRow }] });
        firstRow += count;
      } else if (row && count > 0) {
        for (const [s, own] of values.entries())
          row.add(s, count, own.subarray(offset * widths[s], (offset + count) * widths[s]));
        if (from + offset + count === span.until)
          await writer.write({
            sites: row.take(span.until - span.from),
            scalars: [],
            pieces: [{ offset: 0, rows: 1, firstRow: text }],
          });
      }
      onTokens?.(rows);
    },
  });
  const all = texts.map((_, text) => spanOf(text));
  const counted = ofSpans(whole, all);
  return kept === 'all' ? counted : ofTexts(counted, kept, all);
}

/** Moments of texts that are read in passages. */
function momentRow(set: MomentSet, widths: readonly number[]): TextRow {
  const moments = growingMoments(set, widths, 1);
  return {
    add(site, rows, values) {
      const width = widths[site];
      for (let r = 0; r < rows; r++)
        moments.add(site, 0, (values as Float32Array).subarray(r * width, (r + 1) * width));
    },
    take: () => moments.take(),
  };
}

/** What is said of the tokens that count. */
function ofSpans(whole: Generation, spans: readonly TokenSpan[]): Generation {
  const cut = <T extends Int32Array | Float32Array>(values: readonly T[]) =>
    values.map((own, text) => own.subarray(spans[text].from, spans[text].until) as T);
  return {
    tokens: cut(whole.tokens),
    logProbabilities: cut(whole.logProbabilities),
    entropies: cut(whole.entropies),
  };
}

/** What is said of each text's one row. */
function ofTexts(
  { tokens, logProbabilities, entropies }: Generation,
  kept: 'mean' | 'last',
  spans: readonly TokenSpan[],
): Generation {
  const one = (values: Float32Array) => Float32Array.of(kept === 'last' ? values[values.length - 1] : mean(values));
  return {
    tokens: tokens.map((ids) => ids.slice(-1)),
    logProbabilities: logProbabilities.map((values, text) =>
      // A text's first token has no log probability.
      one(kept === 'mean' && spans[text].from === 0 ? values.subarray(1) : values),
    ),
    entropies: entropies.map(one),
  };
}

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
