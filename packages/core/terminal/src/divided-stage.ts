import type { StageArguments } from './stage-main.js';

/** One of several shares of a stage's work: number `number` of `of`, from 1. */
export interface Share {
  number: number;
  of: number;
}

/** What a stage can do whose work several processes share, each some layers, folds or masks. */
export interface DividedStage {
  /** Does shares and leaves each where `joinShares` finds it. @param shares of one division */
  doShares(args: StageArguments, shares: readonly Share[]): Promise<void>;
  /** Ends the stage from what all `of` shares left: with the bytes that the stage undivided makes. */
  joinShares(args: StageArguments, of: number): Promise<void>;
}
