import { formatBytes, UserMistake } from '@galvani/terminal';

/** In which order the rows of a recording stand: prompt after prompt, or as they were generated (all prompts' first token…). */
export type RowOrder = 'prompt' | 'generation';

/** How many prompts run at once and how many of their tokens gather before they are written. */
export interface SlabSize {
  /** Prompts in a batch. */
  batch: number;
  /** Tokens of each prompt in a slab. */
  steps: number;
}

export interface SlabSizeRequest {
  prompts: number;
  newTokens: number;
  /** Numbers recorded for one token, over all sites. */
  units: number;
  order: RowOrder;
  /** Prompts at once, where a person chose it. */
  batch?: number;
  /** Bytes for rows that wait to be written. Default: `slabBudget`. */
  budget?: number;
}

/** Bytes of rows that wait to be written. Of 54 prompts of a model of 125 million parameters two slabs of 8 tokens each fit. */
export const slabBudget = 2 ** 29;
/** More rows than this hardly make a step cheaper per row, and their keys and values fill the memory. */
const mostPrompts = 32;
/** Rows that are worth gathering from several runs: a step of these costs each a good deal less than one of 18 does. */
const mostTogether = 64;
/** Enough for large writes, and little enough that writing goes on while the model runs and soon ends after it. */
const comfortableSlab = 8e6;
/** Tokens whose numbers fill whole pages of memory at the usual widths, multiples of 128, so that they are written from where they are. */
const wholePages = 8;

/**
 * Chooses the size of slabs so that memory does not depend on a recording's length. Two slabs exist, one being filled while the other is
 * written, so each may take half the budget. The choice depends on nothing but the request: the size of a batch moves the last
 * digits of the results, and those must not depend on the machine.
 * @throws UserMistake if not even one token of the asked batch fits.
 */
export function slabSize({ prompts, newTokens, units, order, batch, budget = slabBudget }: SlabSizeRequest): SlabSize {
  const row = units * 4;
  const half = budget / 2;
  const fitting = Math.max(1, Math.floor(half / row));
  if (batch !== undefined && Math.min(batch, prompts) > fitting)
    throw new UserMistake(
      `a batch of ${batch} prompts would keep ${formatBytes(2 * row * Math.min(batch, prompts))} of activations in memory, and ${formatBytes(budget)} are allowed: set batch to at most ${fitting}, or record fewer sites.`,
    );
  const rows = Math.min(prompts, batch ?? Math.min(mostPrompts, fitting));
  const streams = order === 'generation' || rows === 1;
  const fit = Math.floor((streams ? Math.min(half, comfortableSlab) : half) / (rows * row));
  return { batch: rows, steps: inWholePages(fit, newTokens) };
}

/** As many tokens as fit, of which there are `newTokens`. */
function inWholePages(fit: number, newTokens: number): number {
  const steps = fit < newTokens && fit > wholePages ? fit - (fit % wholePages) : fit;
  return Math.max(1, Math.min(newTokens, steps));
}

/** How a run of a study is recorded, whether alone or in the same batches as others. */
export interface RunSize extends SlabSize {
  /** Prompts of a batch that it shares with other runs, its own included, at most; its own where it shares none. */
  together: number;
}

/**
 * The size of slabs of a study's run, the same whoever shares its batches, since a file's bytes depend on it. A run may share where
 * it is whole in one batch. Slabs of 64 prompts fit the budget then, unless that leaves fewer than 8 tokens for each where a run
 * alone has more; fewer prompts share in that case.
 * @throws as `slabSize`
 */
export function runSize(request: Omit<SlabSizeRequest, 'order'>): RunSize {
  const { prompts, newTokens, units, batch = mostTogether, budget = slabBudget } = request;
  const alone = slabSize({ ...request, order: 'prompt' });
  if (alone.batch < prompts) return { ...alone, together: alone.batch };
  const row = units * 4;
  const wanted = inWholePages(Math.floor(budget / (mostTogether * row)), newTokens);
  const steps = Math.min(alone.steps, Math.max(wanted, wholePages));
  const fitting = Math.floor(budget / (steps * row));
  return { batch: alone.batch, steps, together: Math.max(prompts, Math.min(batch, fitting)) };
}

/** Prompts that share a batch, of runs of so many, which share it whole. */
export const rowsTogether = (prompts: number, together: number): number =>
  prompts * Math.max(1, Math.floor(together / prompts));
