import { Interrupted, interruptible } from '@galvani/terminal';
import { expect, test } from 'vitest';

/** Whether work goes on after a signal. */
async function survives(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP', terminal: boolean): Promise<boolean> {
  const work = async (signal: AbortSignal) => {
    process.emit(name);
    signal.throwIfAborted();
    return true;
  };
  return interruptible(work, undefined, terminal).catch((error) => {
    expect(error).toBeInstanceOf(Interrupted);
    return false;
  });
}

test('Ctrl-C and SIGTERM stop work between two steps; so does a terminal that closes', async () => {
  expect(await survives('SIGINT', true)).toBe(false);
  expect(await survives('SIGTERM', false)).toBe(false);
  expect(await survives('SIGHUP', true)).toBe(false);
});

test('without a terminal SIGHUP stops nothing: Node takes away the protection of nohup', async () => {
  // Other tests of this process may have listeners of their own.
  const before = process.listenerCount('SIGHUP');
  expect(await survives('SIGHUP', false)).toBe(true);
  expect(process.listenerCount('SIGHUP')).toBe(before);
});
