// A study of any size for the viewer: its artifacts are made up and of the form that stages write, so that no model is run.
import { join } from 'node:path';
import { createActivationFile, describeOutput, digestOf, eventTable, tokenTable, writeMap } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import { runsOf } from '@galvani/pipeline';
import {
  activationsPath,
  commitStage,
  eventsPath,
  filledLesion,
  mapPath,
  planOf,
  runFolder,
  studyFolder,
  studySchema,
  tokensPath,
  writeParameters,
} from '@galvani/study';

const tasks = ['pathology', 'paleontology', 'archaeology', 'poetry', 'tennis', 'cheese'];
const restTopics = ['travel', 'music'];
const newTokens = 16;
const promptsPerRun = 18;
const words = ['the', ' unit', ' of', ' a', ' map', ' that', ' grows', ',', ' and', ' is', ' seen'];

/** Layers of attention, a wide linear layer and what it comes to, and a head of what is left of the units. */
export function layersOf(units) {
  const hidden = 1024;
  const blocks = Math.max(1, Math.floor(units / (6 * hidden)));
  const wide = Math.min(hidden, Math.floor(units / 6));
  const layers = Array.from({ length: blocks }, (_, block) => [
    `block-${String(block).padStart(2, '0')}`,
    [
      { site: `model.layers.${block}.self_attn.out_proj`, kind: 'linear', width: wide },
      { site: `model.layers.${block}.fc1`, kind: 'linear', width: 4 * wide },
      { site: `model.layers.${block}.fc2`, kind: 'linear', width: wide },
    ],
  ]);
  const left = units - blocks * 6 * wide;
  return left > 0 ? [...layers, ['final', [{ site: 'lm_head', kind: 'head', width: left }]]] : layers;
}

/**
 * Writes the artifacts of plan, design, extract and glm into `derivatives` of a workspace: 24 runs of 288 tokens, a map for each task and run. As of a
 * stage, what was written is remembered to be whole.
 */
export async function writeViewedStudy(root, units) {
  const folder = studyFolder(join(root, 'derivatives'), root);
  const study = studySchema.parse({ tasks, design: { sessions: 4 }, extraction: { newTokens, storage: 'float16' } });
  const runs = runsOf(tasks, 4);
  const seed = 1;
  const extract = { seed, model: { path: 'model' }, ...study.extraction };
  await writeParameters(folder, {
    parameters: {
      design: { seed, tasks, design: study.design, prompts: ['prompts.csv'], restTopics },
      extract,
      twin: { absent: 'the study is made up.' },
      report: { study: 'viewed', folder: 'pipelines/viewed', title: 'A study to look at', description: '' },
      runs,
      glm: { seed, ...study.glm },
      networks: study.networks,
      decode: { seed, ...study.decode },
      controls: { seed, ...study.controls },
      yardstick: { seed, ...study.yardstick },
      geometry: { seed, ...study.geometry },
      lesion: filledLesion(study.lesion, seed),
      steer: { seed, ...study.steer },
    },
  });
  const commit = async (stage, path, outputs, inputs = {}, facts = {}) =>
    commitStage(folder, stage, path, { plan: await planOf(folder, stage), parameters: {}, inputs, outputs, facts });

  const designed = {};
  for (const { name, session, task } of runs) {
    const events = Array.from({ length: promptsPerRun }, (_, prompt) => {
      const isTask = Math.floor(prompt / 3) % 2 === 1;
      return {
        ...{ run: name, session, task, prompt, block: Math.floor(prompt / 3), condition: isTask ? 'task' : 'rest' },
        ...{ prompt_id: `${name}-${prompt}`, topic: isTask ? task : restTopics[prompt % 2], form: 'statement' },
        text: `What is said of ${task} in prompt ${prompt}`,
      };
    });
    await eventTable.write(eventsPath(folder, name), events);
    designed[`${name}.parquet`] = await describeOutput(eventsPath(folder, name));
  }
  await commit('design', folder.design, designed);

  const layers = layersOf(units);
  const recorded = {};
  const rows = promptsPerRun * newTokens;
  for (const [r, { name }] of runs.entries()) {
    const outputs = {};
    const columns = layers.flatMap(([layer, sites]) => sites.map((site) => ({ ...site, layer })));
    const writer = await createActivationFile(activationsPath(folder, name), columns, 'float16');
    await writer.append(
      rows,
      columns.map(({ width }, s) => noise(rows * width, r + 7 * s)),
    );
    outputs['activations.arrow'] = await writer.finish();
    const tokens = Array.from({ length: rows }, (_, row) => ({
      ...{ prompt: Math.floor(row / newTokens), position: row % newTokens, token_id: row % words.length },
      ...{ token: words[row % words.length], after_end: false, log_probability: -1, entropy: 1 },
    }));
    await tokenTable.write(tokensPath(folder, name), tokens);
    outputs['tokens.parquet'] = await describeOutput(tokensPath(folder, name));
    for (const [file, output] of Object.entries(outputs)) recorded[`extract/${name}/${file}`] = digestOf(output);
    const inputs = { [`design/${name}.parquet`]: digestOf(designed[`${name}.parquet`]) };
    const facts = { layers: layers.map(([layer]) => layer), units, rows };
    await commit('extract', runFolder(folder, name), outputs, inputs, facts);
  }

  const ofTask = ['effect', 't', 'z', 'd', 'log10_p', 'log10_p_familywise', 'log10_q_fdr'];
  const mapSets = [
    ...tasks.map((task) => ({ name: `task-${task}`, kind: 'task', task, contrast: task, statistics: ofTask })),
    ...runs.map(({ name, task }) => ({
      ...{ name, kind: 'run', run: name, task },
      contrast: task,
      statistics: ['effect', 'z'],
    })),
  ];
  const outputs = {};
  for (const { name, contrast, statistics } of mapSets)
    for (const [layer, sites] of layers) {
      const width = sites.reduce((sum, site) => sum + site.width, 0);
      const stream = randomStream(seed, name, layer);
      const z = Float64Array.from({ length: width }, () => 2 * stream.normal());
      const map = Object.fromEntries(
        statistics.map((each) => [each, /^log10/.test(each) ? z.map((value) => -(value ** 2) / 3) : z.slice()]),
      );
      const marks = { copyOf: new Int32Array(width).fill(-1), unreachable: new Uint8Array(width) };
      outputs[`${name}/${layer}.arrow`] = await writeMap(mapPath(folder, name, layer), {
        ...{ sites, flags: new Uint8Array(width), marks, contrasts: new Map([[contrast, map]]), facts: {} },
      });
    }
  const inputs = Object.fromEntries(
    Object.entries(designed).map(([file, output]) => [`design/${file}`, digestOf(output)]),
  );
  await commit(
    'glm',
    folder.glm,
    outputs,
    { ...inputs, ...recorded },
    {
      ...{ layers: layers.map(([layer]) => layer), units },
      mapSets: mapSets.map(({ statistics: _, ...description }) => ({ ...description, threshold: {} })),
    },
  );
}

const block = 1 << 16;
let bits;

/** Numbers between -2 and 2 as float16, the same few again and again from another place each time. */
function noise(length, place) {
  if (!bits) {
    const stream = randomStream(1, 'activations');
    // The bits of a float16 of exponent 0 or -1, with either sign.
    bits = Uint16Array.from(
      { length: 2 * block },
      () => Math.floor(stream.uniform() * 2048) | 0x3800 | (stream.uniform() < 0.5 ? 0x8000 : 0),
    );
  }
  const values = new Uint16Array(length);
  for (let at = 0; at < length; at += block) {
    const from = ((place + 1) * 7919 + at * 13) % block;
    values.set(bits.subarray(from, from + Math.min(block, length - at)), at);
  }
  return values;
}
