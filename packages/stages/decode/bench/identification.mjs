// Seconds that 2,000 permutations of identification take, and what they take beside the least that they can: adding the runs'
// sums for every choice of runs once, in the same process.
//
//   node packages/stages/decode/bench/identification.mjs [--units 150000] [--permutations 2000] [--relabellings 2000] [--share 0.05]
//
// Six tasks, four sessions, 18 prompts a run, networks of a share of all units. Permutations: networks of all choices of training
// runs and their match with every held-out run and prompt. Relabellings: those of the family-wise thresholds of all folds.
import { parseArgs } from 'node:util';
import { drawLabellings, permutationTest, prepareFolds } from '@galvani/decode';
import { randomStream } from '@galvani/numerics';
import { runSums } from '@galvani/statistics';

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '150000' },
    permutations: { type: 'string', default: '2000' },
    relabellings: { type: 'string', default: '2000' },
    share: { type: 'string', default: '0.05' },
  },
});
const [units, permutations, relabellings] = [values.units, values.permutations, values.relabellings].map(Number);
const [tasks, sessionCount, prompts] = [6, 4, 18];
const every = Math.round(1 / Number(values.share));
const isTask = Uint8Array.from({ length: prompts }, (_, p) => (p >= 6 && p < 12 ? 1 : 0));
const stream = randomStream(1, 'bench');
const pool = Float32Array.from({ length: 1 << 20 }, () => stream.normal());
let state = 0;
const noise = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return pool[state >>> 12];
};

function recordedRun(session, task) {
  const means = Float32Array.from({ length: prompts * units }, noise);
  for (const p of isTask.keys())
    if (isTask[p])
      for (let u = task; u < units; u += every) means[p * units + u] += ((u - task) / every) % 2 === 0 ? 3 : -3;
  const run = { name: `ses-${session}_task-${task}`, session, task: String(task) };
  return { run, isTask, promptIds: [...isTask.keys()].map(String), means, sums: runSums(means, units, isTask) };
}

const sessions = Array.from({ length: sessionCount }, (_, s) =>
  Array.from({ length: tasks }, (_, task) => recordedRun(s + 1, task)),
);
const labellings = drawLabellings(tasks, sessionCount, permutations, 1);
const rule = { alpha: 0.05, family: 'task', minimumEffect: 0.5, sign: 'both', copies: 'once', unreachable: 'keep' };

async function identification(correction) {
  const networks = { ...rule, correction };
  const folds = await prepareFolds(sessions, { networks, labellings, relabellings, variance: 'separate', seed: 1 });
  return permutationTest(folds, labellings);
}

/** Wall and processor seconds. */
async function measured(work) {
  const [began, used] = [process.hrtime.bigint(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { wall: Number(process.hrtime.bigint() - began) / 1e9, processor: (user + system) / 1e6 };
}

/** Adds three sums of three runs for every unit and choice of runs, and compares: what no way around the choices can leave out. */
function addSums() {
  let beyond = 0;
  const choices = sessionCount * tasks ** (sessionCount - 1);
  const [a, b, c] = sessions.slice(0, 3).map(([run]) => run.sums);
  for (let choice = 0; choice < choices; choice++)
    for (let u = 0; u < units; u++) {
      const sum = a.sum[u] + b.sum[u] + c.sum[u];
      const squares = a.taskSquares[u] + b.taskSquares[u] + c.taskSquares[u];
      const rest = a.restSquares[u] + b.restSquares[u] + c.restSquares[u];
      if (sum * sum > squares + rest) beyond++;
    }
  return beyond;
}

const least = await measured(async () => addSums());
const permuted = await measured(() => identification('bonferroni'));
const whole = await measured(() => identification('familywise'));
const say = ({ wall, processor }) => `${wall.toFixed(1)} s (${processor.toFixed(1)} s of processors)`;
console.log(`${permutations} permutations of ${units} units: ${say(permuted)}; limit: 10 s`);
console.log(`  ratio ${(permuted.processor / least.processor).toFixed(1)} to adding up the runs' sums (${say(least)})`);
console.log(`with family-wise thresholds by ${relabellings} relabellings: ${say(whole)}`);
console.log(`  peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
