// A small study in memory whose topics say nothing: every prompt has a topic's activity, but which one is shuffled over all prompts, on and
// off. It goes through the same code as a study on disk: maps, networks, likeness of sessions, identification, yardstick, verdicts.
import { drawLabellings, permutationTest, prepareFolds } from '@galvani/decode';
import { distanceRows, presentedTasks } from '@galvani/geometry';
import { networkOf, overlapRows, reliabilityRows } from '@galvani/networks';
import { randomStream, tLogSf, tLogTwoSided, zFromLogP } from '@galvani/numerics';
import { verdicts } from '@galvani/report';
import {
  accuracyInterval,
  effectModel,
  noiseNormalisedProducts,
  promptContrast,
  runSums,
  taskPatterns,
} from '@galvani/statistics';
import { studySchema } from '@galvani/study';
import { compareTopics, matchTopics, presentedTopics, ranksOfTasks, rowsOfTopics } from '@galvani/yardstick';

const tasks = ['anatomy', 'botany', 'chess'];
const restTopics = Array.from({ length: 8 }, (_, k) => `rest ${k}`);
const [sessionCount, perBlock, units, relabellings] = [4, 6, 60, 199];
const prompts = 3 * perBlock;
const isTask = Uint8Array.from({ length: prompts }, (_, p) => (Math.floor(p / perBlock) === 1 ? 1 : 0));
const runs = Array.from({ length: sessionCount }, (_, s) =>
  tasks.map((task) => ({ name: `ses-0${s + 1}_task-${task}`, session: s + 1, task })),
).flat();
const sites = ['one', 'two', 'three'].map((site, s) => ({
  ...{ site, kind: 'linear', layer: `block-0${s}`, width: units / 3, start: (s * units) / 3 },
}));
const none = {
  flags: new Uint8Array(units),
  copyOf: new Int32Array(units).fill(-1),
  unreachable: new Uint8Array(units),
};

/** Prompts' means of all runs, [prompts x units]: a shuffled topic, directions that units share, and noise. */
function shuffledActivity(seed) {
  const stream = randomStream(seed, 'shuffled study');
  const normals = (n) => Float64Array.from({ length: n }, () => stream.normal());
  const patterns = [...tasks, ...restTopics].map(() => normals(units));
  const shared = Array.from({ length: 4 }, () => normals(units));
  const topics = stream.shuffled(Array.from({ length: runs.length * prompts }, (_, i) => i % patterns.length));
  const means = new Float64Array(topics.length * units);
  for (const [row, topic] of topics.entries()) {
    const weights = normals(shared.length);
    for (let u = 0; u < units; u++) {
      const together = shared.reduce((sum, direction, i) => sum + 0.5 * weights[i] * direction[u], 0);
      means[row * units + u] = 0.5 * patterns[topic][u] + together + stream.normal();
    }
  }
  return means;
}

/** The map of a task, or of one run, corrected over units by relabelling prompts within runs. */
function mapOf(means, own, stream) {
  const rows = own.flatMap((run) => Array.from({ length: prompts }, (_, p) => run * prompts + p));
  const isOn = Uint8Array.from(rows, (row) => isTask[row % prompts]);
  const runOf = Int32Array.from(rows, (row) => Math.floor(row / prompts));
  const contrast = promptContrast({ rows: Int32Array.from(rows), runs: runOf, isOn }, 'separate');
  const levelled = contrast.level(means, units);
  const found = contrast.evaluate(levelled);
  const [t, df, d] = [found.t.slice(), found.df.slice(), found.d.slice()];
  const maxima = Float64Array.from({ length: stream ? relabellings : 0 }, () => {
    const labels = Uint8Array.from(own.flatMap(() => stream.shuffled([...isTask])));
    return contrast.evaluate(levelled, labels).t.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  });
  const familywise = (value) => maxima.reduce((count, most) => count + (most >= Math.abs(value) ? 1 : 0), 1);
  const columns = {
    ...{ t, d, effect: d, z: t.map((value, u) => Math.sign(value) * zFromLogP(tLogSf(Math.abs(value), df[u]))) },
    log10_p: t.map((value, u) => tLogTwoSided(value, df[u]) / Math.LN10),
    log10_p_familywise: t.map((value) => Math.log10(familywise(value) / (maxima.length + 1))),
  };
  const statistic = (name) => columns[name] ?? new Float64Array(units).fill(Number.NaN);
  return { kind: own.length > 1 ? 'task' : 'run', sites, ...none, statistic };
}

const placesOf = (task) => runs.flatMap((run, r) => (run.task === task ? [r] : []));

const activityOf = (means, run) => means.slice(run * prompts * units, (run + 1) * prompts * units);

async function overlap(means, networks, rule, seed) {
  const patterns = tasks.map((task) =>
    taskPatterns(
      placesOf(task).map((run) => ({ means: activityOf(means, run), isTask })),
      units,
    ),
  );
  const model = effectModel({ task: perBlock, rest: 2 * perBlock, runs: sessionCount }, 'separate');
  return overlapRows(networks, patterns, { rule, model, seed });
}

async function identification(means, networks, seed) {
  const activity = runs.map((run, r) => {
    const own = Float32Array.from(activityOf(means, r));
    return { run, isTask, promptIds: [...isTask.keys()].map(String), means: own, sums: runSums(own, units, isTask) };
  });
  const sessions = Array.from({ length: sessionCount }, (_, s) => activity.filter(({ run }) => run.session === s + 1));
  const labellings = drawLabellings(tasks.length, sessionCount, relabellings, seed);
  const folds = await prepareFolds(sessions, { networks, labellings, relabellings, variance: 'separate', seed });
  const test = permutationTest(folds, labellings);
  return ['run', 'prompt'].map((level) => {
    const ofRuns = runs.map(() => ({ correct: 0, total: 0 }));
    for (const [s, { heldOut, scores, sourceOf }] of folds.entries())
      for (const [i, pattern] of heldOut.entries()) {
        if (pattern.level !== level) continue;
        const own = tasks.map((_, k) => scores[sourceOf[k] * heldOut.length + i]);
        const best = Math.max(...own);
        const run = ofRuns[s * tasks.length + pattern.run];
        run.total++;
        if (best > Number.NEGATIVE_INFINITY && own.indexOf(best) === pattern.run) run.correct++;
      }
    const [correct, total] = ['correct', 'total'].map((of) => ofRuns.reduce((sum, run) => sum + run[of], 0));
    const interval = accuracyInterval(ofRuns, seed);
    return {
      level,
      correct,
      total,
      accuracy: correct / total,
      ...interval,
      ...{ p: test[level].p, opposite_p: test[level].oppositeP, chance: test[level].chance },
      permutations: relabellings,
    };
  });
}

function yardstick(means, networks, seed) {
  let rested = 0;
  const events = Array.from(isTask, () => ({}));
  const recordings = runs.map((run) => ({
    ...{
      run,
      isTask,
      events: events.map((_, p) => ({
        prompt_id: `${run.name}-${p}`,
        topic: isTask[p] ? run.task : restTopics[rested++ % 8],
      })),
    },
  }));
  const presented = presentedTopics(recordings);
  const matched = matchTopics(presented.topics);
  const rule = { networks, variance: 'separate', tasks: tasks.length, units, seed };
  const compared = compareTopics(presented, matched, 4, randomStream(seed, 'shuffled yardstick'), rule);
  compared.add(means, new Uint8Array(units).fill(1), new Float64Array(units).fill(1));
  return ranksOfTasks(rowsOfTopics(matched, 4, compared.finish()));
}

function geometry(means, seed) {
  const presented = presentedTasks(runs.map((run) => ({ run, isTask })));
  const products = noiseNormalisedProducts(presented);
  products.add(means, units);
  return distanceRows(products.finish(), presented, { noise: 'diagonal', relabellings: 499, seed });
}

/** @param {number} seed @param {object} [rule] of networks, as in study.yaml */
export async function shuffledStudy(seed, rule = {}) {
  const networks = studySchema.parse({ tasks, networks: rule }).networks;
  const means = shuffledActivity(seed);
  const stream = randomStream(seed, 'shuffled relabellings');
  const formed = tasks.map((task) => networkOf(task, mapOf(means, placesOf(task), stream), networks));
  const maps = runs.map((_, r) => mapOf(means, [r]));
  const [z, d] = ['z', 'd'].map((name) => maps.map(({ statistic }) => statistic(name)));
  const sessions = Array.from({ length: sessionCount }, (_, s) => s + 1);
  const results = {
    ...{ tasks, plan: { runs } },
    networks: {
      overlap: await overlap(means, formed, networks, seed),
      sizes: formed.flatMap(({ sizes }) => sizes),
      reliability: reliabilityRows({ tasks, sessions, z, d, counted: units }),
    },
    decode: { accuracy: await identification(means, networks, seed) },
    yardstick: { ranks: yardstick(means, networks, seed) },
    geometry: geometry(means, seed),
  };
  return { results, verdicts: verdicts(results) };
}
