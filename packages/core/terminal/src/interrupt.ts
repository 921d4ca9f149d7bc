import { Interrupted } from './mistake.js';

/**
 * Listens for Ctrl-C (SIGINT) and SIGTERM while `work` runs. The signal aborts, so that `work` can stop between two steps
 * and leave only whole artifacts; a second Ctrl-C ends the process at once. `left` tells the person what there is then.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  left = 'what is finished is kept, and the same command resumes from there',
): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Interrupted(`stopped; ${left}.`));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
