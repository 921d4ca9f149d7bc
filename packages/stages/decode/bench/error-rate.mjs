// How often identification's p is at most .05 in studies whose labels mean nothing: 6 tasks, 4 sessions, 300 units, 199 permutations.
//
//   node packages/stages/decode/bench/error-rate.mjs [--studies 600] [--correction familywise]
//
// tasks: real tasks, their labels shuffled in each session; runs: each run has effects of its own; unequal: no effect, task prompts
// three times as spread as rest.
import { parseArgs } from 'node:util';
import { drawLabellings, permutationTest, prepareFolds } from '@galvani/decode';
import { randomStream } from '@galvani/numerics';
import { runSums } from '@galvani/statistics';

const { values } = parseArgs({
  options: { studies: { type: 'string', default: '600' }, correction: { type: 'string', default: 'familywise' } },
});
const studies = Number(values.studies);
const [tasks, sessionCount, units, prompts, permutations] = [6, 4, 300, 18, 199];
const isTask = Uint8Array.from({ length: prompts }, (_, p) => (p >= 6 && p < 12 ? 1 : 0));
const networks = { correction: values.correction, family: 'task', alpha: 0.05, minimumEffect: 0.5, sign: 'both' };

/** Effect of each unit in a run of one (hidden) task. */
const kinds = {
  tasks: (_, task) => Float64Array.from({ length: units }, (_, u) => (u % tasks === task && u % 5 === 0 ? 3 : 0)),
  runs: (stream) => Float64Array.from({ length: units }, () => (stream.uniform() < 0.1 ? 3 * stream.normal() : 0)),
  unequal: () => new Float64Array(units),
};

async function test(kind, study) {
  const stream = randomStream(study, 'error rate', kind);
  const spread = kind === 'unequal' ? 3 : 1;
  const sessions = Array.from({ length: sessionCount }, (_, s) =>
    stream.shuffled([...Array(tasks).keys()]).map((hidden, label) => {
      const effect = kinds[kind](stream, hidden);
      const means = Float32Array.from({ length: prompts * units }, (_, i) => {
        const on = isTask[Math.floor(i / units)];
        return on ? effect[i % units] + spread * stream.normal() : stream.normal();
      });
      const run = { name: `ses-${s}_task-${label}`, session: s + 1, task: String(label) };
      return { run, isTask, promptIds: [...isTask.keys()].map(String), means, sums: runSums(means, units, isTask) };
    }),
  );
  const labellings = drawLabellings(tasks, sessionCount, permutations, study);
  const rules = { networks, labellings, relabellings: 199, variance: 'separate', seed: study };
  return permutationTest(await prepareFolds(sessions, rules), labellings);
}

for (const kind of Object.keys(kinds)) {
  const small = { run: 0, prompt: 0 };
  for (let study = 0; study < studies; study++) {
    const found = await test(kind, study);
    for (const level of ['run', 'prompt']) if (found[level].p <= 0.05 + 1e-9) small[level]++;
  }
  const percent = (count) => `${((100 * count) / studies).toFixed(1)}%`;
  console.log(
    `${kind}: p <= .05 for runs in ${percent(small.run)} of ${studies} studies, for prompts in ${percent(small.prompt)}`,
  );
}
