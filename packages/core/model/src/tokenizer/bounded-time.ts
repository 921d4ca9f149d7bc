import { Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import { Interrupted } from '@galvani/terminal';

/** Where the script below finds what to run. */
const slot = Symbol.for('galvani.bounded-time');
const global = globalThis as { [slot]?: () => void };
const script = new Script("globalThis[Symbol.for('galvani.bounded-time')]()");

/**
 * Runs `work`, which is not asynchronous, for at most `seconds`. The clock and Ctrl-C end it wherever it is, inside a regular
 * expression too, which nothing else in a process can: V8 is told by another thread. SIGTERM waits for the clock. A call costs about as much as starting two threads.
 * @throws what `late` gives, or Interrupted
 */
export function withinTime<T>(seconds: number, work: () => T, late: () => Error): T {
  const outer = global[slot];
  const held: { result?: T } = {};
  global[slot] = () => {
    held.result = work();
  };
  try {
    script.runInThisContext({ timeout: Math.ceil(1000 * seconds), breakOnSigint: isMainThread });
    return held.result as T;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw late();
    if (code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw new Interrupted('stopped while tokenizing.');
    throw cause;
  } finally {
    global[slot] = outer;
  }
}
