import type { Event, Token } from '@galvani/artifact';
import type { Generation, Tokenizer } from '@galvani/model';

/** A run as it was played now. */
export type Played = Pick<Generation, 'tokens' | 'logProbabilities'>;

/**
 * Where tokens differ from those of the recording, the first of them, in a sentence; undefined where they are the same.
 *
 * @param recorded rows of tokens.parquet
 * @param kept rows that were recorded of a text that is read; of a text that is generated all
 */
export function tokenDifference(
  run: string,
  events: readonly Pick<Event, 'prompt_id'>[],
  recorded: readonly Pick<Token, 'prompt' | 'position' | 'token_id' | 'token'>[],
  { tokens }: Played,
  { kept = 'all', tokenizer }: { kept?: 'all' | 'mean' | 'last'; tokenizer?: Pick<Tokenizer, 'decode'> } = {},
): string | undefined {
  const played = tokens.flatMap((ids, prompt) =>
    Array.from(kept === 'all' ? ids : ids.slice(-1), (id, position) => ({ prompt, position, id })),
  );
  if (played.length !== recorded.length)
    return `${run}: ${played.length} tokens were played again, and ${recorded.length} are in extract/${run}/tokens.parquet`;
  const differs = recorded.map(
    ({ prompt, position, token_id }, row) =>
      prompt !== played[row].prompt || position !== played[row].position || token_id !== played[row].id,
  );
  const first = differs.indexOf(true);
  if (first < 0) return undefined;
  const { prompt, position, token_id, token } = recorded[first];
  const text = tokenizer?.decode(Int32Array.of(played[first].id));
  const now = text === undefined ? '' : `${JSON.stringify(text)} `;
  const place = `token ${position} (from 0) of the prompt '${events[prompt]?.prompt_id ?? prompt}'`;
  const count = differs.filter(Boolean).length;
  return `${run}: ${place} was ${JSON.stringify(token)} (${token_id}) when it was recorded and is ${now}(${played[first].id}) now; it is the first of ${count} of ${recorded.length} tokens that differ`;
}

/** Whether the log probability of every token is the recorded one, bit for bit. Undefined where rows are no single tokens. */
export function sameProbabilities(
  recorded: readonly Pick<Token, 'log_probability'>[],
  { logProbabilities }: Played,
): boolean | undefined {
  const played = logProbabilities.flatMap((own) => [...own]);
  if (played.length !== recorded.length) return undefined;
  return recorded.every(({ log_probability }, row) => Object.is(log_probability, played[row]));
}
