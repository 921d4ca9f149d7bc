/**
 * One after the other: who takes a turn waits for all that took one before.
 *
 * @returns a function that waits for a turn and gives what ends it, which may be called again
 */
export function modelTurns(): () => Promise<() => void> {
  let last: Promise<void> = Promise.resolve();
  return async () => {
    const before = last;
    let end = () => {};
    last = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    return end;
  };
}
