import { isatty } from 'node:tty';
import { Interrupted } from './mistake.js';

/**
 * Listens for Ctrl-C (SIGINT), SIGTERM and the closing of the terminal (SIGHUP) while `work` runs. The signal aborts, so that
 * `work` can stop between two steps and leave only whole artifacts; a second Ctrl-C ends the process at once. `left` tells the
 * person what there is then. Unless `attached` SIGHUP is ignored: where no stream is a terminal, none closes on the work, and
 * Node takes away what nohup asked for.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  left = 'what is finished is kept, and the same command resumes from there',
  attached = [0, 1, 2].some((stream) => isatty(stream)),
): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Interrupted(`stopped; ${left}.`));
  };
  const hangUp = attached ? stop : () => undefined;
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', hangUp);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    process.off('SIGHUP', hangUp);
  }
}
