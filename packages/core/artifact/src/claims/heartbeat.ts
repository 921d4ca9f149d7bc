import { Worker } from 'node:worker_threads';

/** Half the time that others watch, and half again, so that one late touch costs nothing. */
const interval = 20_000;
/** Most claims are held more shortly than a thread takes to start. */
const worthAThread = 1_000;

/** In a thread, since arithmetic may hold the main one for minutes; given as text, since no build may change it under way. */
const program = `
const { parentPort } = require('node:worker_threads');
const { utimesSync } = require('node:fs');
let paths = [];
parentPort.on('message', (held) => {
  paths = held;
  if (held.length > 0) return;
  clearInterval(beat);
  parentPort.close();
});
const beat = setInterval(() => {
  const now = new Date();
  for (const path of paths)
    try { utimesSync(path, now, now); } catch (error) { if (error.code === 'ENOENT') parentPort.postMessage(path); }
}, ${interval});
`;

const held = new Map<string, (path: string) => void>();
let worker: Worker | undefined;
let start: NodeJS.Timeout | undefined;

function update(): void {
  if (held.size === 0) {
    clearTimeout(start);
    start = undefined;
    // It ends by itself: to terminate it would have the process wait for its end.
    worker?.postMessage([]);
    worker = undefined;
  } else if (worker) worker.postMessage([...held.keys()]);
  else start ??= setTimeout(begin, worthAThread).unref();
}

function begin(): void {
  worker = new Worker(program, { eval: true, execArgv: [], stdin: false });
  worker.unref();
  worker.on('message', (path: string) => held.get(path)?.(path));
  // Without the thread others on other machines may think this process dead; it works on.
  worker.on('error', () => undefined);
  worker.postMessage([...held.keys()]);
}

/** Touches the file at `path` now and then until it is `stopBeating`'s. `onLost` is called if the file is gone. */
export function keepBeating(path: string, onLost: (path: string) => void): void {
  held.set(path, onLost);
  update();
}

export function stopBeating(path: string): void {
  held.delete(path);
  update();
}
