/** One fewer than the threads in which Node waits for the disk by default: whoever opens or reads a file meanwhile finds one free. */
const most = 3;

let under = 0;
const waiting: (() => void)[] = [];

/** Does what keeps the disk busy for long, a few at a time, in the order in which it is asked for. */
export async function diskRequest<T>(work: () => Promise<T>): Promise<T> {
  if (under >= most)
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  else under++;
  try {
    return await work();
  } finally {
    // The place passes to the next.
    const next = waiting.shift();
    if (next) next();
    else under--;
  }
}
