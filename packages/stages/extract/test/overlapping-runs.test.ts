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

test('a batch is made ready while one is computed and the files of the last are ended, and runs of a batch wait for its end', async () => {
  const log: string[] = [];
  const gates = new Map(['a', 'c', 'e', 'g'].map((run) => [run, { computing: gate(), ending: gate() }]));
  const batches: Record<string, string[]> = { a: ['a', 'b'], c: ['c', 'd'], e: ['e', 'f'], g: ['g'] };
  let alone: () => boolean = () => false;
  const all = overlappingRuns([...'abcdefg'], never, async (run, _signal, turn) => {
    log.push(run);
    const own = gates.get(run);
    if (!own) return;
    await turn.begin(batches[run]);
    log.push(`${run} computed`);
    alone = () => !turn.others();
    await own.computing.passed;
    turn.computed();
    await own.ending.passed;
    log.push(`${run} whole`);
  });
  const logged = async () => {
    await settled();
    return log.splice(0).sort().join(', ');
  };
  expect(await logged()).toBe('a, a computed, c');
  expect(alone()).toBe(true);
  gates.get('a')!.computing.open();
  expect(await logged()).toBe('c computed, e');
  expect(alone()).toBe(false);
  gates.get('c')!.computing.open();
  // The files of two batches would be ended beside e.
  expect(await logged()).toBe('');
  gates.get('a')!.ending.open();
  expect(await logged()).toBe('a whole, b, e computed, g');
  gates.get('c')!.ending.open();
  expect(await logged()).toBe('c whole, d');
  expect(alone()).toBe(true);
  for (const run of ['e', 'g']) {
    gates.get(run)!.computing.open();
    gates.get(run)!.ending.open();
  }
  await all;
  expect([...log].sort()).toEqual(['e whole', 'f', 'g computed', 'g whole']);
});

test('the first failure is thrown when all that had begun has stopped, and nothing more begins', async () => {
  const log: string[] = [];
  const ending = gate();
  const all = overlappingRuns(['a', 'b', 'c', 'd'], never, async (run, signal, turn) => {
    log.push(run);
    await turn.begin([run]);
    signal.throwIfAborted();
    turn.computed();
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
  expect(log).toEqual(['a', 'b', 'c', 'b stopped']);
});

test('a run that needs no model ends no other’s turn', async () => {
  const log: string[] = [];
  const computing = gate();
  const all = overlappingRuns([...'abc'], never, async (run, _signal, turn) => {
    log.push(run);
    if (run === 'b') return;
    await turn.begin([run]);
    log.push(`${run} computed`);
    if (run === 'a') await computing.passed;
  });
  await settled();
  expect(log).toEqual(['a', 'a computed', 'b', 'c']);
  computing.open();
  await all;
  expect(log.at(-1)).toBe('c computed');
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
