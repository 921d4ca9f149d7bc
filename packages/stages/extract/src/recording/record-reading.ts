import { pagedActivations } from '@galvani/artifact';
import type { Generation, Subject } from '@galvani/model';
import { activationsOf } from './record.js';
import type { SlabWriter } from './slab-writer.js';

/**
 * Has the subject read the texts, without generating, and sends every site's output at every token to the writer, text after
 * text. The result holds the texts' own tokens; the first of a text has no log probability (NaN). The writer is neither
 * finished nor abandoned here, and must share memory with the subject.
 */
export async function recordReading(
  subject: Pick<Subject, 'sites' | 'read'>,
  texts: Int32Array[],
  writer: SlabWriter,
  { signal, onTokens }: { signal?: AbortSignal; onTokens?(count: number): void } = {},
): Promise<Generation> {
  const whole: Generation = {
    tokens: texts,
    logProbabilities: texts.map(({ length }) => new Float32Array(length)),
    entropies: texts.map(({ length }) => new Float32Array(length)),
  };
  let firstRow = 0;
  await subject.read({
    texts,
    allocate: pagedActivations,
    signal,
    async onPassage({ text, from, tokens, logProbabilities, entropies, ...activations }) {
      whole.logProbabilities[text].set(logProbabilities, from);
      whole.entropies[text].set(entropies, from);
      const rows = tokens.length;
      const slab = { sites: subject.sites.map(({ name }) => activationsOf(activations, name)), scalars: [] };
      const pieces = [{ offset: 0, rows, firstRow }];
      firstRow += rows;
      await writer.write({ ...slab, pieces });
      onTokens?.(rows);
    },
  });
  return whole;
}
