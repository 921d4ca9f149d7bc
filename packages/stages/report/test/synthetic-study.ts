import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  accuracyTable,
  ceilingTable,
  componentTable,
  confusionTable,
  contrastSizeTable,
  contrastUnitTable,
  controlAnswerTable,
  controlCalibrationTable,
  controlHubTable,
  controlTable,
  controlWindowTable,
  createActivationFile,
  dendrogramTable,
  describeOutput,
  designTable,
  diagnosticsTable,
  distanceTable,
  driftTable,
  type Event,
  eventTable,
  iccTable,
  manifestName,
  networkConjunctionTable,
  networkIntersectionTable,
  networkLikenessTable,
  networkOverlapTable,
  networkRepeatabilityTable,
  networkSizeTable,
  networkSpecificityTable,
  networkUnitTable,
  peakTable,
  reliabilityTable,
  strongestUnitTable,
  tokenTable,
  topicContrastTable,
  unitIccTable,
  unitSelectivityTable,
  writeMap,
  yardstickRankTable,
  yardstickTopicTable,
} from '@galvani/artifact';
import { likenessOf } from '@galvani/networks';
import { type Run, runName } from '@galvani/pipeline';
import {
  activationsPath,
  commitStage,
  eventsPath,
  filledLesion,
  mapPath,
  noIdentification,
  planOf,
  type Stage,
  studyFolder,
  studySchema,
  tokensPath,
  writeParameters,
} from '@galvani/study';

/** What a synthetic study is like; networks are planted, everything is a function of indices. */
export interface Synthetic {
  tasks: string[];
  sessions: number;
  title: string;
  promptText: string;
  tokenText: string;
  noise: 'prompt' | 'ols';
  family: 'task' | 'study';
  /** No unit survives anywhere. */
  empty: boolean;
}

const defaults: Synthetic = {
  tasks: ['medical-imaging', 'pathology', 'random-strings'],
  sessions: 2,
  title: 'A synthetic study',
  promptText: 'A radiograph of the chest shows',
  tokenText: ' a',
  noise: 'prompt',
  family: 'task',
  empty: false,
};

export const layers = ['embeddings', 'block-00', 'final'];
const width = 8;
/** Sites by layer: name, kind, width. */
export const sites: Record<string, { site: string; kind: string; width: number }[]> = {
  embeddings: [{ site: 'model.decoder.embed_positions', kind: 'embedding', width }],
  'block-00': [
    { site: 'model.decoder.layers.0.fc1', kind: 'linear', width: 2 * width },
    { site: 'model.decoder.layers.0', kind: 'block', width },
  ],
  final: [{ site: 'lm_head', kind: 'head', width: width + 3 }],
};
const units = Object.values(sites)
  .flat()
  .reduce((sum, site) => sum + site.width, 0);

const promptsPerBlock = 2;
const newTokens = 3;

/** Members of the network of task k: units 2k, 2k + 1 and 2k + 2 of fc1, so that neighbours share one. */
const isMember = (task: number, site: string, unit: number) =>
  site === 'model.decoder.layers.0.fc1' && unit >= 2 * task && unit <= 2 * task + 2;
const tOf = (task: number, site: string, unit: number, session: number) =>
  (isMember(task, site, unit) ? 9 : 1) * (unit % 2 === 0 ? 1 : -1) + ((unit * 7 + session * 3) % 5) / 10;

/** Writes all artifacts of a study below `root` (`data/derivatives/<study>`). */
export async function writeSyntheticStudy(root: string, options: Partial<Synthetic> = {}): Promise<Synthetic> {
  const study = { ...defaults, ...options };
  const runs = Array.from({ length: study.sessions }, (_, s) =>
    study.tasks.map((task): Run => ({ name: runName(s + 1, task), session: s + 1, task })),
  ).flat();
  await writePlan(root, study, runs);
  await writeDesign(root, study, runs);
  for (const run of runs) await writeExtraction(root, study, run);
  await writeGlm(root, study, runs);
  await writeNetworks(root, study, runs);
  await writeDecode(root, study);
  await writeControls(root, study);
  await writeYardstick(root, study);
  await writeGeometry(root, study);
  return study;
}

/** Writes a stage's manifest, with all files of its folder as outputs and all files of the stages before it as inputs. */
export async function commit(
  root: string,
  name: string,
  { facts = {}, parameters = {}, reads }: { facts?: object; parameters?: object; reads: RegExp },
): Promise<void> {
  const folder = studyFolder(root);
  const stage = name.split('/')[0] as Stage;
  const listed = async (path: string) =>
    (await readdir(path, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && entry.name !== manifestName)
      .map((entry) => relative(path, join(entry.parentPath, entry.name)));
  const describe = async (path: string, wanted = /^/) =>
    Object.fromEntries(
      await Promise.all(
        (await listed(path))
          .filter((file) => wanted.test(file))
          .map(async (file) => [file, await describeOutput(join(path, file))] as const),
      ),
    );
  const read = Object.entries(await describe(root, reads));
  await commitStage(folder, stage, join(root, name), {
    plan: await planOf(folder, stage),
    parameters: { ...parameters },
    inputs: Object.fromEntries(read.map(([path, { sha256 }]) => [path, sha256])),
    outputs: await describe(join(root, name)),
    facts: { ...facts },
  });
}

async function writePlan(root: string, study: Synthetic, runs: Run[]): Promise<void> {
  const full = studySchema.parse({
    tasks: study.tasks,
    design: { sessions: study.sessions, promptsPerBlock },
    extraction: { newTokens },
    networks: { family: study.family },
    glm: { noise: study.noise, contrasts: { 'first over rest': `${study.tasks[0]} - rest` } },
  });
  const unidentified = noIdentification(full);
  const parameters = {
    design: { seed: 7, tasks: study.tasks, design: full.design, prompts: ['data/prompts'], restTopics: ['cooking'] },
    extract: { seed: 7, model: { path: 'data/models/tiny' }, ...full.extraction },
    twin: { absent: 'the study is made up.' },
    runs,
    glm: { seed: 7, ...full.glm },
    networks: full.networks,
    decode: unidentified ?? { seed: 7, ...full.decode },
    controls: unidentified ?? { seed: 7, ...full.controls },
    yardstick: { seed: 7, ...full.yardstick },
    geometry: { seed: 7, ...full.geometry },
    lesion: filledLesion(full.lesion, 7),
    steer: { seed: 7, ...full.steer },
    report: { study: 'synthetic', folder: 'pipelines/synthetic', title: study.title, description: 'Made by a test.' },
  };
  await writeParameters(studyFolder(root), { parameters });
}

function eventsOf(study: Synthetic, { name, session, task }: Run): Event[] {
  return Array.from({ length: 3 * promptsPerBlock }, (_, prompt) => {
    const block = Math.floor(prompt / promptsPerBlock);
    const condition = block === 1 ? 'task' : 'rest';
    const topic = condition === 'task' ? task : 'cooking';
    const id = `${name}-${prompt}`;
    return {
      run: name,
      session,
      task,
      prompt,
      block,
      condition,
      prompt_id: id,
      topic,
      form: 'list',
      text: study.promptText,
    };
  });
}

async function writeDesign(root: string, study: Synthetic, runs: Run[]): Promise<void> {
  const folder = studyFolder(root);
  for (const run of runs) await eventTable.write(eventsPath(folder, run.name), eventsOf(study, run));
  await commit(root, 'design', { reads: /^$/ });
}

async function writeExtraction(root: string, study: Synthetic, run: Run): Promise<void> {
  const folder = studyFolder(root);
  const rows = 3 * promptsPerBlock * newTokens;
  const tokens = Array.from({ length: rows }, (_, row) => ({
    prompt: Math.floor(row / newTokens),
    position: row % newTokens,
    token_id: row,
    token: study.tokenText,
    after_end: false,
    log_probability: -2,
    entropy: 3 + (Math.floor(row / newTokens / promptsPerBlock) === 1 ? 0.5 : 0),
  }));
  await tokenTable.write(tokensPath(folder, run.name), tokens);
  const recorded = layers.flatMap((layer) => sites[layer].map((site) => ({ ...site, layer })));
  const writer = await createActivationFile(activationsPath(folder, run.name), recorded, 'float32');
  const values = recorded.map((site) =>
    Float32Array.from({ length: rows * site.width }, (_, i) => {
      const row = Math.floor(i / site.width);
      const on = Math.floor(row / newTokens / promptsPerBlock) === 1 ? 1 : 0;
      return on * tOf(study.tasks.indexOf(run.task), site.site, i % site.width, run.session) + Math.sin(i);
    }),
  );
  await writer.append(rows, values);
  await writer.finish();
  const parameters = { model: { path: 'data/models/tiny', sha256: 'ab'.repeat(32) } };
  await commit(root, `extract/${run.name}`, {
    facts: { layers, rows, onnxruntime: '1.30.0' },
    parameters,
    reads: new RegExp(`^design/${run.name}.parquet$`),
  });
}

async function writeGlm(root: string, study: Synthetic, runs: Run[]): Promise<void> {
  const folder = studyFolder(root);
  const mapSets = [
    ...study.tasks.map((task) => ({ name: `task-${task}`, kind: 'task', task, contrast: task, session: 0 })),
    ...runs.map(({ name, task, session }) => ({ name, kind: 'run', run: name, task, contrast: task, session })),
    {
      name: 'contrast-first-over-rest',
      kind: 'contrast',
      task: study.tasks[0],
      contrast: 'first over rest',
      expression: 'x',
      session: 0,
    },
  ];
  for (const { name, task, contrast, session } of mapSets)
    for (const layer of layers) {
      const t = Float64Array.from(
        sites[layer].flatMap((site) =>
          Array.from({ length: site.width }, (_, unit) => tOf(study.tasks.indexOf(task), site.site, unit, session)),
        ),
      );
      const log10p = t.map((value) => (Math.abs(value) > 5 && !study.empty ? -3 : -0.1));
      const d = t.map((value) => value / 4);
      const statistics = {
        effect: t,
        variance: t.map(() => 1),
        t,
        z: t,
        d,
        log10_p: log10p,
        log10_p_familywise: log10p,
      };
      // The last unit of every map is constant.
      const flags = new Uint8Array(t.length);
      flags[t.length - 1] = 1;
      await writeMap(mapPath(folder, name, layer), {
        sites: sites[layer],
        flags,
        contrasts: new Map([[contrast, statistics]]),
        facts: {},
      });
    }
  const described = mapSets.map(({ session: _, ...set }) => ({
    ...set,
    df: 22,
    noise: study.noise,
    relabelled: 't',
    threshold: { alpha: 0.05, familywise: 5, familywise_study: 6 },
  }));
  await diagnosticsTable.write(join(folder.glm, 'diagnostics.parquet'), []);
  await driftTable.write(join(folder.glm, 'drift.parquet'), []);
  await designTable.write(
    join(folder.glm, 'design.parquet'),
    study.tasks.flatMap((task) => {
      const own = runs.filter((run) => run.task === task);
      const prompts = own.flatMap(({ name }) =>
        Array.from({ length: 3 * promptsPerBlock }, (_, prompt) => ({ run: name, prompt })),
      );
      const on = prompts.filter(({ prompt }) => Math.floor(prompt / promptsPerBlock) === 1);
      const intercepts = prompts.map((each) => ({ ...each, column: `run ${each.run}` }));
      return [...on.map((each) => ({ ...each, column: task })), ...intercepts].map((each) => ({
        task,
        value: 1,
        ...each,
      }));
    }),
  );
  const facts = { layers, units, mapSets: described };
  await commit(root, 'glm', { facts, reads: /^(design|extract)/ });
}

async function writeNetworks(root: string, study: Synthetic, runs: Run[]): Promise<void> {
  const folder = studyFolder(root);
  const path = (name: string) => join(folder.networks, name);
  const size = study.empty ? 0 : 3;
  await networkUnitTable.write(
    path('units.parquet'),
    study.tasks.flatMap((task, k) =>
      Array.from({ length: size }, (_, i) => {
        const t = tOf(k, 'model.decoder.layers.0.fc1', 2 * k + i, 0);
        const where = { task, site: 'model.decoder.layers.0.fc1', kind: 'linear', layer: 'block-00', unit: 2 * k + i };
        return { ...where, effect: t, t, z: t, d: t / 4, log10_p: -3 };
      }),
    ),
  );
  await networkSizeTable.write(
    path('sizes.parquet'),
    study.tasks.flatMap((task) =>
      layers.flatMap((layer) =>
        sites[layer].map(({ site, kind, width: siteUnits }) => {
          const members = kind === 'linear' ? size : 0;
          return { task, layer, kind, site, units: siteUnits, members, positive: members && 2, negative: members && 1 };
        }),
      ),
    ),
  );
  const shared = (a: number, b: number) => (study.empty ? 0 : a === b ? 3 : Math.abs(a - b) === 1 ? 1 : 0);
  await networkOverlapTable.write(
    path('overlap.parquet'),
    study.tasks.flatMap((task_a, a) =>
      study.tasks.map((task_b, b) => {
        const same = shared(a, b);
        const dice = (2 * same) / (2 * size);
        const expected = { expected_dice: size / units, expected_opposed_dice: size / units };
        const found = { same, opposed: 0, dice, opposed_dice: 0 / size, jaccard: dice, ...expected };
        const unknown = a === b || study.empty ? Number.NaN : 1;
        const tests = {
          ...{ lower: 0.1 * unknown, upper: 0.6 * unknown, relabelled_dice: 0.1 * unknown },
          ...{ p: 0.01 * unknown, p_over_pairs: 0.02 * unknown, opposed_p: unknown, opposed_p_over_pairs: unknown },
        };
        return { task_a, task_b, members_a: size, members_b: size, ...found, ...tests };
      }),
    ),
  );
  const repeatability = runs.flatMap((a) =>
    runs
      .filter((b) => b.session > a.session)
      .map((b) => {
        const same = a.task === b.task;
        const dice = study.empty ? Number.NaN : same ? 0.8 : 0.2;
        const numbers = {
          dice,
          jaccard: dice,
          expected_dice: study.empty ? Number.NaN : 0.1,
          correlation: same ? 0.7 : 0.1,
        };
        return { task: a.task, other_task: b.task, session_a: a.session, session_b: b.session, ...numbers };
      }),
  );
  await networkRepeatabilityTable.write(path('repeatability.parquet'), repeatability);
  await writeReliability(path, study);
  await networkLikenessTable.write(path('likeness.parquet'), likenessOf(repeatability, study.tasks));
  await strongestUnitTable.write(
    path('strongest.parquet'),
    runs.flatMap(({ name, task, session }) => {
      const all = layers.flatMap((layer) =>
        sites[layer].map(({ site }) => {
          const z = tOf(study.tasks.indexOf(task), site, 0, session);
          return { run: name, task, layer, site, unit: 0, z };
        }),
      );
      return all.sort((a, b) => Math.abs(b.z) - Math.abs(a.z));
    }),
  );
  await writeContrastNetwork(path, study);
  await writeSharing(path, study);
  await commit(root, 'networks', { reads: /^(design|extract|glm)/ });
}

/** Neighbours share one unit. */
async function writeSharing(path: (name: string) => string, { tasks, empty }: Synthetic): Promise<void> {
  const sets = empty ? [] : [...tasks.map((task) => [task]), ...tasks.slice(1).map((task, k) => [tasks[k], task])];
  await networkIntersectionTable.write(
    path('intersections.parquet'),
    sets.map((set) => ({
      tasks: set.join(' + '),
      networks: set.length,
      units: 3 - set.length,
      same: 1,
      expected: 0.5,
    })),
  );
  const share = empty ? Number.NaN : 0.5;
  await networkSpecificityTable.write(
    path('specificity.parquet'),
    (tasks.length > 1 ? tasks : []).map((task) => ({
      ...{ task, members: empty ? 0 : 3, own: empty ? 0 : 2, own_share: share, expected_own: empty ? 0 : 2.5 },
      ...{ selective: empty ? 0 : 2, selectivity: share, held_out_selective: share },
    })),
  );
  await unitSelectivityTable.write(path('selectivity.parquet'), []);
  await networkConjunctionTable.write(
    path('conjunctions.parquet'),
    tasks.slice(1, 2).map((task) => ({
      ...{ conjunction: 'both', tasks: `${tasks[0]} + ${task}`, members: 1, positive: 1, negative: 0 },
      ...{ in_networks: empty ? 0 : 1, expected_in_networks: 0.1 },
    })),
  );
}

/** The contrast has one unit of a position embedding and two of fc1; peaks are of fc1. */
async function writeContrastNetwork(path: (name: string) => string, study: Synthetic): Promise<void> {
  const contrast = 'first over rest';
  const members = study.empty ? [] : [sites.embeddings[0], sites['block-00'][0], sites['block-00'][0]];
  const statistics = { effect: 0.5, t: 9, z: 8, d: 2, log10_p: -3 };
  await contrastUnitTable.write(
    path('contrast_units.parquet'),
    members.map(({ site, kind }, unit) => ({ contrast, site, kind, layer: 'block-00', unit, ...statistics })),
  );
  await contrastSizeTable.write(
    path('contrast_sizes.parquet'),
    layers.flatMap((layer) =>
      sites[layer].map(({ site, kind, width: siteUnits }) => {
        const own = members.filter((member) => member.site === site).length;
        return { contrast, layer, kind, site, units: siteUnits, members: own, positive: own, negative: 0 };
      }),
    ),
  );
  const peak = { site: 'model.decoder.layers.0.fc1', kind: 'linear', layer: 'block-00', unit: 2, token: '' };
  const interval = { effect_lower: 0.25, effect_upper: 0.75, d_lower: 1, d_upper: 3 };
  await peakTable.write(
    path('peaks.parquet'),
    [...study.tasks.map((name) => ({ map: 'task', name })), { map: 'contrast', name: contrast }].map((own) => ({
      ...{ ...own, rank: 1, ...peak, member: !study.empty, ...statistics, ...interval },
    })),
  );
}

/** Maps of a task correlate at .7, of two at .1; intervals there are for three sessions or more. */
async function writeReliability(path: (name: string) => string, { tasks, sessions }: Synthetic): Promise<void> {
  const repeated = sessions > 1;
  const bound = (value: number) => (sessions > 2 ? value : Number.NaN);
  const own = {
    within: 0.7,
    lower: bound(0.5),
    upper: bound(0.8),
    difference_lower: bound(0.4),
    difference_upper: bound(0.8),
  };
  const tested = tasks.length > 1;
  const others = tested
    ? { between: 0.1, difference: 0.6, p: 0.25 }
    : { between: Number.NaN, difference: Number.NaN, p: Number.NaN };
  const rows = ['correlation', 'dice', 'split-half', ...(tested ? ['fingerprint'] : [])].flatMap((measure) =>
    [...tasks, ''].map((task) => ({ measure, task, ...own, ...others, whole: 0.8, labellings: 4, exhaustive: true })),
  );
  const unknown = { lower: Number.NaN, upper: Number.NaN, difference_lower: Number.NaN, difference_upper: Number.NaN };
  const halves = [...tasks, ''].map((task) => ({
    ...{ measure: 'prompts', task, within: 0.6, ...unknown, between: others.between, difference: others.difference },
    ...{ whole: 0.75, p: Number.NaN, labellings: 0, exhaustive: false },
  }));
  await reliabilityTable.write(path('reliability.parquet'), [...(repeated ? rows : []), ...halves]);
  const icc = { targets: units, sessions, agreement: 0.6, agreement_f_lower: 0.5, agreement_f_upper: 0.7 };
  const bounds = {
    agreement_lower: bound(0.3),
    agreement_upper: bound(0.8),
    consistency_lower: bound(0.3),
    consistency_upper: bound(0.8),
  };
  const iccRows = tasks.flatMap((task) =>
    ['all', 'network'].map((which) => ({
      ...{
        task,
        units: which,
        ...icc,
        ...bounds,
        consistency: 0.65,
        consistency_f_lower: 0.6,
        consistency_f_upper: 0.7,
      },
      ...{ p: which === 'all' ? others.p : Number.NaN, labellings: 4, exhaustive: true },
    })),
  );
  await iccTable.write(path('icc.parquet'), repeated ? iccRows : []);
  const quantiles = ['own', 'exchanged'].flatMap((which) =>
    [0.1, 0.5, 0.9].map((quantile) => {
      const value = which === 'own' ? quantile : quantile - 0.5;
      return { units: 'all', tasks: which, targets: units, quantile, agreement: value, consistency: value };
    }),
  );
  await unitIccTable.write(path('unit_icc.parquet'), repeated && tested ? quantiles : []);
}

async function writeDecode(root: string, study: Synthetic): Promise<void> {
  const folder = studyFolder(root);
  const total = study.tasks.length * study.sessions;
  const row = { correct: total, total, accuracy: 1, lower: 0.5, upper: 1, chance: 1 / study.tasks.length };
  await accuracyTable.write(join(folder.decode, 'accuracy.parquet'), [
    { level: 'run', ...row, p: 0.001, opposite_p: 1, permutations: 999 },
    {
      level: 'prompt',
      ...row,
      correct: 0,
      accuracy: 0,
      lower: 0,
      upper: 0.4,
      p: 1,
      opposite_p: 0.2,
      permutations: 999,
    },
  ]);
  await confusionTable.write(
    join(folder.decode, 'confusion.parquet'),
    ['run', 'prompt'].flatMap((level) =>
      study.tasks.flatMap((task, i) =>
        study.tasks.map((identified, j) => {
          const here = level === 'run' ? i === j : (i + 1) % study.tasks.length === j;
          return { level, task, identified, count: here ? study.sessions : 0 };
        }),
      ),
    ),
  );
  await commit(root, 'decode', { reads: /^(design|extract)/ });
}

/** Networks identify all prompts, wording all but one where words are shared and half where none is. Nothing of one session or task. */
async function writeControls(root: string, study: Synthetic): Promise<void> {
  const folder = studyFolder(root);
  const total = study.sessions > 1 && study.tasks.length > 1 ? study.tasks.length * study.sessions : 0;
  const row = (folds: string, features: string, source: string, decoder: string, correct: number) => ({
    ...{ folds, features, source, width: units, decoder, correct, total, accuracy: correct / total },
    ...{
      lower: correct / total - 0.1,
      upper: Math.min(1, correct / total + 0.1),
      balanced: correct / total,
      top_two: 1,
    },
    ...{
      difference: 1 - correct / total,
      difference_lower: 0.9 - correct / total,
      difference_upper: 1.1 - correct / total,
    },
    p: 2 ** (1 - (total - correct)),
  });
  const rows = ['sessions', 'words'].flatMap((folds) => [
    row(folds, 'units', 'activity', 'networks', total),
    row(folds, 'units', 'activity', 'random networks', total - 1),
    row(folds, 'units', 'activity', 'nearest centroid', total - 1),
    row(folds, 'units', 'activity', 'ridge', total - 2),
    row(folds, 'tokens', 'wording', 'ridge', folds === 'words' ? total / 2 : total - 1),
    row(folds, 'layer block-00', 'activity', 'nearest centroid', total - 1),
  ]);
  await controlTable.write(join(folder.controls, 'identification.parquet'), total > 0 ? rows : []);
  await controlAnswerTable.write(join(folder.controls, 'answers.parquet'), []);
  const window = { correct: total - 1, total, accuracy: 1 - 1 / total, lower: 0.5, upper: 1 };
  await controlWindowTable.write(
    join(folder.controls, 'windows.parquet'),
    total > 0
      ? [
          { from: 0, to: 1, kind: 'first', ...window },
          { from: 1, to: newTokens, kind: 'generated', ...window },
        ]
      : [],
  );
  const bin = { predicted: 0.9, right: 0.8, lower: 0.6, upper: 0.95, error: 0.1 };
  const bins = [
    { from: 0.8, to: 0.9, prompts: total, ...bin, brier: Number.NaN },
    { from: 0, to: 1, prompts: total, ...bin, brier: 0.3 },
  ];
  await controlCalibrationTable.write(join(folder.controls, 'calibration.parquet'), total > 0 ? bins : []);
  await controlHubTable.write(
    join(folder.controls, 'hubs.parquet'),
    study.tasks.map((task, i) => ({
      ...{ task, prompts: study.sessions, correct: study.sessions, others: 0, rest: 10 * i, rest_presented: 30 },
      rest_beyond_middle: i,
    })),
  );
  const facts = { draws: 11, noTwin: 'the study is made up.' };
  await commit(root, 'controls', { reads: /^(design|extract|decode)/, facts });
}

/** The first task exceeds all rest topics, the others fewer and fewer. */
async function writeYardstick(root: string, study: Synthetic): Promise<void> {
  const folder = studyFolder(root);
  const rest = ['coffee', 'tea', 'tides', 'weather', 'wool'];
  const row = (topic: string, role: string, value: number, p: number) => ({
    ...{ topic, role, presented: 12, prompts: 8, draws: 10 },
    ...{ members: Math.round(100 * value), squared_effect: value, repeatability: value, identified: value },
    ...{ p_members: p, p_squared_effect: p, p_repeatability: p, p_identified: p },
  });
  await yardstickTopicTable.write(join(folder.yardstick, 'topics.parquet'), [
    ...study.tasks.map((task, i) => row(task, 'task', 0.55 - 0.1 * i, (1 + i) / 6)),
    ...rest.map((topic, i) => row(topic, 'rest', 0.1 * (i + 1), Number.NaN)),
  ]);
  await yardstickRankTable.write(
    join(folder.yardstick, 'ranks.parquet'),
    ['squared_effect', 'members', 'repeatability', 'identified'].map((measure) => ({
      ...{ measure, tasks: study.tasks.length, rest_topics: 5, superiority: 0.8, lower: 0.4, upper: 0.95 },
      ...{ p: 0.125, opposite_p: 0.93, smallest_p: 1 / 56 },
    })),
  );
  await topicContrastTable.write(
    join(folder.yardstick, 'contrasts.parquet'),
    study.tasks.map((task, i) => ({
      ...{ contrast: task, map: `topics-${task}`, group: task, rest_topics: 5, labellings: 6, smallest_p: 1 / 6 },
      ...{ units: 80, members: 0, largest_t: 4 - i, p: (1 + i) / 6, between_share: 0.06 },
    })),
  );
  await commit(root, 'yardstick', { reads: /^(design|extract|glm)/ });
}

/** Neighbours lie near each other; of one session there are no distances. */
async function writeGeometry(root: string, { tasks, sessions }: Synthetic): Promise<void> {
  const place = (name: string) => join(studyFolder(root).geometry, `${name}.parquet`);
  const distance = (a: number, b: number) => 0.2 * (b - a) + 0.05 * b;
  const pairs = [...tasks, 'rest'].flatMap((task_b, b) =>
    tasks.slice(0, b).map((task_a, a) => ({
      ...{ task_a, task_b, distance: distance(a, b), lower: distance(a, b) - 0.1, upper: distance(a, b) + 0.1 },
      ...{ error: 0.05, p: 0.01, p_over_pairs: b - a > 1 ? 0.04 : 0.06, smallest_p: 0.001, units },
    })),
  );
  await distanceTable.write(place('distances'), sessions > 1 ? pairs : []);
  const bounds = { lower: 0.5, upper: 0.9 };
  const ofSessions = Array.from({ length: sessions }, (_, s) => ({ session: s + 1, ...bounds, p: Number.NaN }));
  const isCeiling = sessions > 1 && tasks.length > 2;
  await ceilingTable.write(place('ceiling'), isCeiling ? [...ofSessions, { session: 0, ...bounds, p: 0.02 }] : []);
  const merges = tasks.slice(1).map((second, i) => ({
    ...{ first: tasks.slice(0, i + 1).join(' '), second, height: 0.25 * (i + 1) },
  }));
  await dendrogramTable.write(place('dendrogram'), sessions > 1 ? merges : []);
  await componentTable.write(
    place('components'),
    tasks.flatMap((_, k) =>
      tasks.map((task, t) => ({
        ...{ component: k + 1, task, share: 0.2 - 0.05 * k, stability: 0.98, r: k === t ? -0.8 : 0.1 },
        ...{ p: 0.01, p_over_all: k === t && k < 2 ? 0.01 : 0.5, map_r: 0.3, members_z: Number.NaN },
      })),
    ),
  );
  const nothing = 'distances are validated across sessions, and the study has one';
  const facts = { components: tasks.length, converged: true, ...(sessions === 1 && { nothing }) };
  await commit(root, 'geometry', { reads: /^(design|extract|glm)/, facts });
}
