import { pagedActivity } from '@galvani/artifact';
import type { Generation, Subject } from '@galvani/model';
import type { BlockWriter } from './block-writer.js';
import { activityOf } from './record.js';

/**
 * Has the subject read the texts, without generating, and sends every site's output at every token to the writer, text after
 * text. The result holds the texts' own tokens; the first of a text has no log probability (NaN). The writer is neither
 * finished nor abandoned here, and must share memory with the subject.
 */
export async function recordReading(
  subject: Pick<Subject, 'sites' | 'read'>,
  texts: Int32Array[],
  writer: BlockWriter,
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
    allocate: pagedActivity,
    signal,
    async onPassage({ text, from, tokens, logProbabilities, entropies, ...activity }) {
      whole.logProbabilities[text].set(logProbabilities, from);
      whole.entropies[text].set(entropies, from);
      const rows = tokens.length;
      const block = { sites: subject.sites.map(({ name }) => activityOf(activity, name)), scalars: [] };
      const pieces = [{ offset: 0, rows, firstRow }];
      firstRow += rows;
      await writer.write({ ...block, pieces });
      onTokens?.(rows);
    },
  });
  return whole;
}
