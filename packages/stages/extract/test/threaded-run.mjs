/**
 * A process that records a run of a model that is none, as the stage does, with the code that is built:
 * node threaded-run.mjs FOLDER TOKENS THREAD [END], where TOKENS is how many each prompt has, THREAD `thread` or `none`, and END how many slabs go
 * to the thread before it is ended. Says `thread` when one is started, and `written` when the run is whole.
 */
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import workers from 'node:worker_threads';

const [folder, tokens, thread, end = 'never'] = process.argv.slice(2);
const newTokens = Number(tokens);

workers.Worker = class extends workers.Worker {
  slabs = 0;
  constructor(...given) {
    super(...given);
    console.log('thread');
  }
  postMessage(order) {
    super.postMessage(order);
    if (order.request.kind === 'write' && ++this.slabs === Number(end)) this.terminate();
  }
};
syncBuiltinESMExports();

const built = (path) => import(new URL(path, import.meta.url).href);
const { recordRuns } = await built('../dist/record-run.js');
const { emptyRun } = await built('../dist/run-on-disk.js');
const { interruptible, runCommand } = await built('../../../core/terminal/dist/index.js');

const [prompts, steps, width] = [3, 4, 256];
const sites = ['a', 'b', 'c'].map((name) => ({
  name,
  width,
  kind: 'linear',
  layer: name === 'a' ? 'first' : 'second',
}));

const subject = {
  ...{ name: 'none', half: false, sites, endTokens: [], vocabularySize: newTokens },
  async generate({ onStep, signal }) {
    for (let position = 0; position < newTokens; position++) {
      signal.throwIfAborted();
      const numbers = (s) => Float32Array.from({ length: prompts * width }, (_, u) => position + s / 4 + u);
      await onStep({
        ...{ position, rows: prompts, tokens: new Int32Array(prompts).fill(position) },
        logProbabilities: new Float32Array(prompts),
        sites: new Map(sites.map(({ name }, s) => [name, numbers(s)])),
      });
      // As a model lets its process listen between two steps.
      if (newTokens > 100) await setTimeout(1);
    }
    const each = Array.from({ length: prompts }, () => new Float32Array(newTokens));
    return {
      tokens: each.map(() => Int32Array.from({ length: newTokens }, (_, k) => k)),
      logProbabilities: each,
      entropies: each,
    };
  },
};
const request = {
  ...{
    run: 'ses-01_task-a',
    mode: 'generate',
    sampling: { method: 'greedy' },
    batch: prompts,
    steps,
    together: prompts,
  },
  events: Array.from({ length: prompts }, (_, p) => ({ prompt_id: `p-${p}` })),
};
const presented = request.events.map((_, p) => ({ tokens: Int32Array.of(p), from: 0, until: 1 }));
const kept = { newTokens, storage: 'float32', keep: 'tokens', moments: 'mean', stopAtEnd: false };

await runCommand(() =>
  interruptible(async (signal) => {
    await emptyRun(folder);
    const worthAThread = thread === 'thread' ? 0 : Number.POSITIVE_INFINITY;
    await recordRuns(subject, { request, presented, target: folder }, [], kept, { signal, worthAThread });
    console.log('written');
  }),
);
