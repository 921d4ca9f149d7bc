// Whether effects of networks' members are normally distributed, as `galvani power` takes them to be: members by all sessions but one, and how many of
// them exceed each |z| in the session left out, beside what the normal distribution with their mean and spread expects.
//
//   node packages/stages/power/bench/held-out-fit.mjs [derivatives of a study, default data/derivatives/default]
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventTable, openActivationLayer, readManifest, tokenTable } from '@galvani/artifact';
import { normalLogSf, randomStream, tUpperQuantile } from '@galvani/numerics';
import { expectedPower, noncentralitiesOf, sizeOfDeviate } from '@galvani/statistics';
import { recordedDesign, sessionPoints } from '../dist/choices.js';
import { learningCurve } from '../dist/learning-curve.js';
import { tokenMeans } from '../dist/token-means.js';

const folder = process.argv[2] ?? 'data/derivatives/default';
const limits = [1, 2, 3, 4];
const names = readdirSync(join(folder, 'design')).flatMap((file) =>
  file.endsWith('.parquet') ? [file.replace('.parquet', '')] : [],
);
const { layers } = (await readManifest(join(folder, 'extract', names[0]))).facts;
const recordings = [];
const runs = [];
let prompts = 0;
for (const name of names) {
  const events = await eventTable.read(join(folder, `design/${name}.parquet`));
  const tokens = await tokenTable.read(join(folder, `extract/${name}/tokens.parquet`));
  recordings.push({
    events,
    promptOfRow: Int32Array.from(tokens, ({ prompt }) => prompt),
    openLayer: (layer) => openActivationLayer(join(folder, `extract/${name}/activations.arrow`), layer),
  });
  const first = prompts;
  const blocks = [...new Set(events.map(({ block }) => block))].map((block) => {
    const own = [...events.keys()].filter((p) => events[p].block === block);
    return { isTask: events[own[0]].condition === 'task', rows: own.map((p) => first + p) };
  });
  runs.push({ session: events[0].session, task: events[0].task, blocks });
  prompts += events.length;
}
const design = recordedDesign(runs);
const points = sessionPoints(design, 1, randomStream(1, 'bench')).slice(-1);
// As strict as a family-wise threshold, nearly, and without relabelling.
const networks = { correction: 'bonferroni', family: 'task', alpha: 0.05, minimumEffect: 0.5, sign: 'both' };
const curve = learningCurve(points, { networks, variance: 'separate', tasks: 1 }, randomStream(1, 'bench'));
for (const layer of layers) {
  let means;
  let units = 0;
  for (const [r, recording] of recordings.entries()) {
    const own = await tokenMeans(recording, layer, [Number.POSITIVE_INFINITY]);
    units = own.units;
    means ??= new Float32Array(prompts * units);
    means.set(own.means[0], (r * prompts * units) / recordings.length);
  }
  curve.add(new Map([[Number.POSITIVE_INFINITY, means]]), new Uint8Array(units).fill(1));
}
const [{ found }] = curve.finish();
console.log(['task', 'members', ...limits.map((z) => `|z| > ${z}, expected`)].join('\t'));
for (const [k, task] of design.tasks.entries()) {
  const own = found.filter(({ choice }) => choice.task === k);
  const t = own.flatMap(({ leftOut }) => leftOut.t);
  const df = own.flatMap(({ leftOut }) => leftOut.df);
  const effects = noncentralitiesOf(t, df);
  const freedom = df.reduce((sum, each) => sum + each, 0) / df.length;
  const z = t.map((value, i) => sizeOfDeviate(value, df[i]));
  const shares = limits.map((limit) => {
    const share = z.filter((value) => value > limit).length / z.length;
    const expected = expectedPower(effects, 1, freedom, tUpperQuantile(normalLogSf(limit), freedom));
    return `${Math.round(100 * share)}% ${Math.round(100 * expected)}%`;
  });
  console.log([task, t.length, ...shares].join('\t'));
}
