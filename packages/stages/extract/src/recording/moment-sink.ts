import { type ActivationColumn, type MomentSet, momentFile, momentParts } from '@galvani/artifact';
import { type RecordedStep, type Site, type Subject, textEnds } from '@galvani/model';
import type { RunRows, StepSink } from './present-runs.js';
import { growingMoments } from './prompt-moments.js';
import type { SlabWriter } from './slab-writer.js';

/** The files of a recording that keeps moments of prompts: for each moment one, a row for each prompt. */
export function momentFiles(
  set: MomentSet,
  sites: readonly Site[],
): { columns: ActivationColumn[]; files: { name: string; sites: number[] }[] } {
  const parts = ['means', ...momentParts[set]] as const;
  return {
    columns: parts.flatMap(() => sites.map(({ name, kind, width, layer }) => ({ site: name, kind, width, layer }))),
    files: parts.map((part, p) => ({ name: momentFile(part), sites: sites.map((_, s) => p * sites.length + s) })),
  };
}

export interface MomentSinkOptions {
  set: MomentSet;
  /** Steps of one that sums hold no sites. */
  subject: Pick<Subject, 'sites' | 'summed'>;
  newTokens: number;
  /** Tokens that end a prompt's text: what comes after them is left out, and the subject may not go on to give it. */
  endTokens: readonly number[];
}

/**
 * Turns sums [rows x width] into means, where they are. A mean that lies as near to the first token as adding up so many equal numbers in float32 rounds
 * is that token's own: a unit that never changes would otherwise seem to change with prompts' lengths.
 */
function divideSums(sums: Float32Array, first: Float32Array, counts: Int32Array, width: number): void {
  for (let r = 0, u = 0; r < counts.length; r++) {
    const count = counts[r];
    const rounding = count * 2 ** -24;
    for (const end = (r + 1) * width; u < end; u++) {
      const mean = sums[u] / count;
      sums[u] = Math.abs(mean - first[u]) <= rounding * Math.abs(first[u]) ? first[u] : mean;
    }
  }
}

/** A sink that keeps what activations come to over each prompt, and sends a row for each prompt to a writer, which stays open. */
export function createMomentSink(
  writer: SlabWriter,
  { set, subject: { sites, summed }, newTokens, endTokens }: MomentSinkOptions,
): StepSink {
  const write = (columns: Float32Array[], { rows, first }: RunRows) =>
    writer.write({ sites: columns, scalars: [], pieces: [{ offset: 0, rows, firstRow: first }] });
  if (summed)
    return {
      async place() {},
      sums: (given, at) =>
        write(
          sites.map(({ name, width }) => {
            const own = (of: ReadonlyMap<string, Float32Array>) =>
              of.get(name)!.subarray(at.offset * width, (at.offset + at.rows) * width);
            const means = own(given.sites);
            divideSums(means, own(given.first), given.counts.subarray(at.offset, at.offset + at.rows), width);
            return means;
          }),
          at,
        ),
    };
  const widths = sites.map(({ width }) => width);
  let moments = growingMoments(set, widths, 0);
  let ends = textEnds(0);
  let size = 0;
  const add = (step: RecordedStep, { offset, rows }: RunRows) => {
    for (const [s, { name, width }] of sites.entries()) {
      const values = step.sites.get(name)!;
      for (let r = 0; r < rows; r++)
        if (ends.lengthOf(r) === undefined)
          moments.add(s, r, values.subarray((offset + r) * width, (offset + r + 1) * width));
    }
    for (let r = 0; r < rows; r++) ends.take(r, step.tokens[offset + r], step.position);
  };
  return {
    async place(step, at) {
      if (step.position === 0) {
        if (size !== at.rows) moments = growingMoments(set, widths, at.rows);
        size = at.rows;
        ends = textEnds(size, endTokens);
      } else if (ends.all()) return;
      add(step, at);
      if (step.position === newTokens - 1 || ends.all()) await write(moments.take(), at);
    },
  };
}
