import { expect, test } from 'vitest';
import { modelTurns } from '../src/model-turns.js';
import { overlappingRuns } from '../src/overlapping-runs.js';

/** A promise and what keeps it. */
function gate() {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** Lets everything go on that waits for nothing else. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const never = new AbortController().signal;

test('the next batch is computed while the files of the last are ended, and runs of a batch wait for its end', async () => {
  const log: string[] = [];
  const gates = new Map(['a', 'c', 'e'].map((run) => [run, { computing: gate(), ending: gate() }]));
  const batches: Record<string, string[]> = { a: ['a', 'b'], c: ['c', 'd'], e: ['e'] };
  const all = overlappingRuns([...'abcde'], never, async (run, _signal, computed) => {
    log.push(run);
    const own = gates.get(run);
    if (!own) return;
    await own.computing.passed;
    computed(batches[run]);
    await own.ending.passed;
    log.push(`${run} whole`);
  });
  const logged = async () => {
    await settled();
    return log.join(', ');
  };
  expect(await logged()).toBe('a');
  gates.get('a')!.computing.open();
  expect(await logged()).toBe('a, c');
  gates.get('c')!.computing.open();
  // Two batches are under way, so that e has to wait for the end of a.
  expect(await logged()).toBe('a, c');
  gates.get('a')!.ending.open();
  expect(await logged()).toBe('a, c, a whole, b, e');
  gates.get('e')!.computing.open();
  gates.get('e')!.ending.open();
  gates.get('c')!.ending.open();
  await all;
  expect([...log].sort()).toEqual(['a', 'a whole', 'b', 'c', 'c whole', 'd', 'e', 'e whole']);
});

test('the first failure is thrown when all that had begun has stopped, and nothing more begins', async () => {
  const log: string[] = [];
  const ending = gate();
  const all = overlappingRuns(['a', 'b', 'c', 'd'], never, async (run, signal, computed) => {
    log.push(run);
    computed([run]);
    if (run === 'a') {
      await ending.passed;
      throw new Error('the disk is full');
    }
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    log.push(`${run} stopped`);
    signal.throwIfAborted();
  });
  const thrown = expect(all).rejects.toThrow('the disk is full');
  await settled();
  ending.open();
  await thrown;
  expect(log).toEqual(['a', 'b', 'b stopped']);
});

test('who interrupts is told the reason', async () => {
  const stop = new AbortController();
  const dealt: string[] = [];
  const all = overlappingRuns(['a', 'b'], stop.signal, async (run, signal) => {
    dealt.push(run);
    stop.abort(new Error('Ctrl-C'));
    signal.throwIfAborted();
  });
  await expect(all).rejects.toThrow('Ctrl-C');
  expect(dealt).toEqual(['a']);
});

test('turns come in the order in which they were asked for', async () => {
  const turn = modelTurns();
  const log: number[] = [];
  const first = await turn();
  const others = [1, 2].map(async (i) => {
    const end = await turn();
    log.push(i);
    await settled();
    log.push(i);
    end();
    end();
  });
  await settled();
  expect(log).toEqual([]);
  first();
  await Promise.all(others);
  expect(log).toEqual([1, 1, 2, 2]);
});
