import { UserMistake } from '@galvani/terminal';

/** What may be exchanged under the null hypothesis. */
export type ExchangeableRow = 'prompt' | 'session';

/**
 * Checks that a permutation test exchanges what is exchangeable.
 *
 * Prompts of one run are: each context starts afresh, so under the null hypothesis any prompt could have had any label.
 * Tokens are not: those of one prompt share its content and follow one another. In simulation with a prompt effect,
 * shuffling tokens finds something in every null study (family-wise error 100% where 5% is claimed).
 *
 * @throws UserMistake for anything but prompts and sessions
 */
export function requireExchangeable(row: string): asserts row is ExchangeableRow {
  if (row === 'prompt' || row === 'session') return;
  if (row === 'token' || row === 'tokens')
    throw new UserMistake(
      'Tokens cannot be shuffled: those of one prompt share its content and follow one another, so they are not exchangeable, and a test that shuffles them finds effects where there are none (family-wise error near 100% at a claimed 5%). Relabel whole prompts inside their run instead.',
    );
  throw new UserMistake(
    `"${row}" cannot be exchanged: a permutation test relabels prompts inside their run, or flips the signs of sessions.`,
  );
}
