import type { SiteSums } from '../session/site-sums.js';
import type { PromptSums } from './request.js';

/** The sums of a generation under way. */
export interface GrowingSums {
  /** A prompt's text ended with the token of this step, which is the last that counts. */
  end(row: number, step: number): void;
  finish(): PromptSums;
}

/** Sums of a batch that begins. Runs go on to add to a prompt whose text has ended: what it had by then is put aside. */
export function startSums({ memory, first }: SiteSums, newTokens: number, rows: number): GrowingSums {
  const counts = new Int32Array(rows).fill(newTokens);
  const aside = new Map<number, Float32Array[]>();
  const sumsAt = (step: number) => [...(step === 0 ? first : memory).values()];
  return {
    end(row, step) {
      counts[row] = step + 1;
      aside.set(
        row,
        sumsAt(step).map((sums) => rowOf(sums, row, rows).slice()),
      );
    },
    finish() {
      const all = [...memory.values()];
      if (newTokens === 1) for (const [s, sums] of sumsAt(0).entries()) all[s].set(sums);
      for (const [row, kept] of aside) for (const [s, sums] of all.entries()) rowOf(sums, row, rows).set(kept[s]);
      return { sites: memory, first, counts };
    },
  };
}

const rowOf = (sums: Float32Array, row: number, rows: number) =>
  sums.subarray((row * sums.length) / rows, ((row + 1) * sums.length) / rows);
