import { setImmediate } from 'node:timers/promises';

/** Milliseconds: of ten small requests to the file system, one after the other. */
const worthwhile = 1;

/**
 * Waits a moment for answers of the file system, and for what is asked upon them. A run of the model holds the thread, so that otherwise one answer
 * arrives between two steps.
 */
export async function answersOfTheSystem(): Promise<void> {
  const until = performance.now() + worthwhile;
  do await setImmediate();
  while (performance.now() < until);
}
