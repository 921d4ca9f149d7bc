import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { Failure, forbidsWriting, warn } from '@galvani/terminal';
import { type Claim, claim, PartTaken, sweepClaims } from './claim.js';
import { describeOwner } from './owner.js';

/** Parts of a study: `plan`, `design`, `extract/<run>`, `glm`, … */
export interface Parts {
  read?: readonly string[];
  write?: readonly string[];
}

/** What the work that goes on in this context holds already, by claims folder and part. */
const holding = new AsyncLocalStorage<ReadonlyMap<string, 'read' | 'write'>>();

/** Whoever takes more than one part takes them in this order, so that no two wait for each other: the plan, then by name. */
const inOrder = (a: string, b: string) => Number(b === 'plan') - Number(a === 'plan') || (a < b ? -1 : 1);

/**
 * Does `work` while no other command writes what it reads or touches what it writes. Waits for whoever is at work, and tells
 * the person who that is; what killed commands left is seen through. Work inside of it may claim parts that come later in
 * `inOrder`, or the same again. A study that cannot be written has no writer, and is read without claims.
 *
 * @param work gets a signal that aborts as `signal` does, and when another command took a claim for a dead one's
 */
export async function withClaims<T>(
  folder: { root: string },
  { read = [], write = [] }: Parts,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal, held: { toReading(): void }) => Promise<T>,
): Promise<T> {
  const place = join(folder.root, '.claims');
  const outer = holding.getStore() ?? new Map<string, 'read' | 'write'>();
  const inner = new Map(outer);
  const lost = new AbortController();
  const both = AbortSignal.any(signal ? [signal, lost.signal] : [lost.signal]);
  const claims: (Claim & { toReading(): void })[] = [];
  const release = () => {
    for (const each of claims.splice(0).reverse()) each.release();
  };
  if (outer.size === 0) sweepClaims(place);
  try {
    for (const part of [...new Set([...write, ...read])].sort(inOrder)) {
      const mode = write.includes(part) ? 'write' : 'read';
      const key = join(place, part);
      if (outer.get(key) === 'write' || outer.get(key) === mode) continue;
      const options = {
        signal: both,
        onWait: (owner: Parameters<typeof describeOwner>[0]) =>
          warn(`waiting for ${part} of ${folder.root}: ${describeOwner(owner)}. Ctrl-C ends the wait.`),
        onLost: () =>
          lost.abort(
            new Failure(
              `another command took ${part} of ${folder.root} over, because this process was silent for minutes. Run the same command again.`,
            ),
          ),
      };
      try {
        claims.push(await claim(place, part, mode, options));
        inner.set(key, mode);
      } catch (error) {
        if (mode === 'write' || !forbidsWriting(error)) throw error;
      }
    }
    const toReading = () => {
      for (const each of claims) each.toReading();
    };
    const result = await holding.run(inner, () => work(both, { toReading }));
    lost.signal.throwIfAborted();
    return result;
  } finally {
    release();
  }
}

/**
 * Does `work` with those of the parts claimed for writing that nobody else has, and waits for none: `work` is told which they are, and gives
 * back those that it has no use for. Because nothing is waited for, the parts may come anywhere in the order of claims. Should another command take one for a dead
 * process's, nobody is told: this is for work that may be done twice.
 */
export async function withFreeClaims<T>(
  folder: { root: string },
  parts: readonly string[],
  signal: AbortSignal | undefined,
  work: (claimed: string[], giveBack: (parts: readonly string[]) => void) => Promise<T>,
): Promise<T> {
  const claims = new Map<string, Claim>();
  const giveBack = (which: readonly string[]) => {
    for (const part of which) {
      claims.get(part)?.release();
      claims.delete(part);
    }
  };
  try {
    for (const part of parts)
      try {
        claims.set(part, await claim(join(folder.root, '.claims'), part, 'write', { signal, wait: false }));
      } catch (error) {
        if (!forbidsWriting(error) && !(error instanceof PartTaken)) throw error;
      }
    return await work([...claims.keys()], giveBack);
  } finally {
    giveBack([...claims.keys()].reverse());
  }
}
