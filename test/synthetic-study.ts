import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivationFile, describeOutput, eventTable, tokenTable } from '@galvani/artifact';
import { type RandomStream, randomStream } from '@galvani/numerics';
import { type Run, runsOf } from '@galvani/pipeline';
import {
  activationsPath,
  commitStage,
  eventsPath,
  filledLesion,
  noIdentification,
  type PlannedParameters,
  planOf,
  type RecordingStage,
  runFolder,
  type StudyFolder,
  type StudyInput,
  studyFolder,
  studySchema,
  tokensPath,
  writeParameters,
} from '@galvani/study';

/** A study whose activations are made up: noise with a prompt effect, and for each task units that are known to respond. */
export interface SyntheticStudy {
  folder: StudyFolder;
  /** For each task the units (over all layers) that respond to it, with the sign of the response. */
  planted: Record<string, Map<number, 1 | -1>>;
  units: number;
}

type Outputs = Record<string, { sha256: string; bytes: number }>;

interface SyntheticSite {
  site: string;
  kind: 'linear' | 'block' | 'head';
  width: number;
}

const plainLayers: Readonly<Record<string, readonly SyntheticSite[]>> = {
  'block-00': [
    { site: 'model.layers.0.fc1', kind: 'linear', width: 30 },
    { site: 'model.layers.0', kind: 'block', width: 20 },
  ],
  final: [{ site: 'lm_head', kind: 'head', width: 30 }],
};

/**
 * Writes plan, design and extract artifacts into a new folder under the system's temporary one.
 *
 * @param effect size of a planted response, in standard deviations of a prompt's mean
 * @param planted for each task the units that respond, with sign. Default: six of each, none in common
 * @param layers default: a linear site of 30 units and a block of 20 in one layer, a head of 30 in another
 * @param words what prompts, generated tokens and the report's title say. Default: their numbers
 * @param change alters the value of a unit in a session, to see what notices
 */
export async function syntheticStudy(options: {
  tasks: string[];
  /** Topics of rest in turn, default one; with `rest: none` off blocks hold the other tasks in turn. */
  restTopics?: string[];
  sessions?: number;
  effect?: number;
  planted?: Record<string, readonly (readonly [unit: number, sign: 1 | -1])[]>;
  seed?: number;
  input?: Partial<StudyInput>;
  layers?: Readonly<Record<string, readonly SyntheticSite[]>>;
  words?: { prompt?(run: Run, prompt: number): string; token?(row: number): string; title?: string };
  change?: (session: number, value: number, unit: number) => number;
  /** Whether there is a twin, which responds to nothing. Default: the twin stage has not run. */
  twin?: 'recorded' | 'absent';
  /** Whether the runs of a session share the prompts of their rest, and so what these do. */
  restShared?: boolean;
}): Promise<SyntheticStudy> {
  const {
    tasks,
    restTopics = ['other'],
    sessions = 3,
    effect = 3,
    seed = 1,
    layers = plainLayers,
    words = {},
    change = (_s, value) => value,
    twin,
    restShared = false,
  } = options;
  const study = studySchema.parse({ tasks, design: { sessions }, extraction: { newTokens: 4 }, ...options.input });
  const folder = studyFolder(await mkdtemp(join(tmpdir(), 'galvani-study-')));
  const runs = runsOf(study.tasks, study.design.sessions);
  const absent = 'the study is made up.';
  const extract = { seed, model: { path: 'model' }, ...study.extraction };
  const unidentified = noIdentification(study);
  const noRest = study.rest.topics?.length === 0 && ({ rest: 'none' } as const);
  const unrested = noRest ? { absent: 'there is no rest.' } : undefined;
  const parameters: PlannedParameters = {
    design: {
      seed,
      tasks,
      design: study.design,
      prompts: ['prompts.csv'],
      restTopics: noRest ? [] : restTopics,
      ...(restShared && { repeatRest: 'tasks' }),
    },
    extract,
    twin: twin === 'recorded' ? { ...extract, model: { twin: extract.model, seed } } : { absent },
    report: { study: 'synthetic', folder: 'pipelines/synthetic', title: words.title ?? 'Synthetic', description: '' },
    runs,
    glm: { seed, ...study.glm, ...noRest, ...(study.design.pairs && { pairs: true as const }) },
    networks: study.networks,
    decode: unidentified ?? { seed, ...study.decode },
    controls: unidentified ?? { seed, ...study.controls },
    yardstick: unrested ?? { seed, ...study.yardstick },
    geometry: { seed, ...study.geometry, ...noRest },
    lesion: filledLesion(study.lesion, seed),
    steer: unrested ?? { seed, ...study.steer },
  };
  await writeParameters(folder, { parameters });
  const columns = Object.values(layers).flat();
  const units = columns.reduce((sum, { width }) => sum + width, 0);
  const planted: SyntheticStudy['planted'] = {};
  for (const [k, task] of tasks.entries())
    planted[task] = new Map(
      options.planted?.[task] ?? Array.from({ length: 6 }, (_, i) => [(k * 11 + i * 13) % units, i % 2 ? -1 : 1]),
    );
  const { cycles, promptsPerBlock, pairs } = study.design;
  const { newTokens } = study.extraction;
  const designed: Outputs = {};
  const isTask = (p: number) => Math.floor(p / (pairs ? 1 : promptsPerBlock)) % 2 === 1;
  let rested = 0;
  const offTopics = ({ task }: Run) => (noRest ? tasks.filter((other) => other !== task) : restTopics);
  const topicOf = (run: Run, p: number) => {
    const off = offTopics(run);
    return isTask(p) ? run.task : off[rested++ % off.length];
  };
  for (const run of runs) {
    const prompts = (2 * cycles + (pairs ? 0 : 1)) * promptsPerBlock;
    const events = Array.from({ length: prompts }, (_, p) => ({
      run: run.name,
      session: run.session,
      task: run.task,
      prompt: p,
      block: Math.floor(p / promptsPerBlock),
      condition: isTask(p) ? 'task' : 'rest',
      prompt_id: `${restShared && !isTask(p) ? run.session : run.name}-${p}`,
      topic: topicOf(run, p),
      form: 'statement',
      text: words.prompt?.(run, p) ?? `prompt ${p} of ${run.name}`,
    }));
    await eventTable.write(eventsPath(folder, run.name), events);
    designed[`${run.name}.parquet`] = await describeOutput(eventsPath(folder, run.name));
    const topics = events.map(({ topic }) => topic);
    await recordRun('extract', run, topics, effect, randomStream(seed, run.name));
    if (twin === 'recorded') await recordRun('twin', run, topics, 0, randomStream(seed, 'twin', run.name));
    if (twin === 'absent') await commitRun('twin', run, {}, { absent });
  }
  await commitStage(folder, 'design', folder.design, {
    plan: await planOf(folder, 'design'),
    parameters: {},
    inputs: {},
    outputs: designed,
    facts: {},
  });
  return { folder, planted, units };

  async function recordRun(
    stage: RecordingStage,
    run: Run,
    topics: readonly string[],
    size: number,
    noise: RandomStream,
  ) {
    const prompts = topics.length;
    const rows = prompts * newTokens;
    const series = new Float32Array(rows * units);
    const shared = randomStream(seed, 'rest', run.session);
    for (let u = 0; u < units; u++)
      for (let p = 0; p < prompts; p++) {
        const response = size * (planted[topics[p]]?.get(u) ?? 0);
        const ofRest = shared.normal();
        const own = restShared && !isTask(p) ? ofRest : noise.normal();
        for (let k = 0; k < newTokens; k++) {
          const value = 100 + u + 0.5 * run.session + response + own + 0.3 * noise.normal();
          series[(p * newTokens + k) * units + u] = change(run.session, value, u);
        }
      }
    const outputs: Outputs = {};
    let first = 0;
    const sites = Object.entries(layers).flatMap(([layer, own]) => own.map((site) => ({ ...site, layer })));
    const writer = await createActivationFile(activationsPath(folder, run.name, stage), sites, 'float32');
    const values = sites.map(({ width }) => {
      const own = new Float32Array(rows * width);
      for (let r = 0; r < rows; r++) own.set(series.subarray(r * units + first, r * units + first + width), r * width);
      first += width;
      return own;
    });
    await writer.append(rows, values);
    outputs['activations.arrow'] = await writer.finish();
    await tokenTable.write(
      tokensPath(folder, run.name, stage),
      Array.from({ length: rows }, (_, r) => ({
        prompt: Math.floor(r / newTokens),
        position: r % newTokens,
        token_id: r,
        token: words.token?.(r) ?? 'a',
        after_end: false,
        log_probability: -1,
        entropy: 1,
      })),
    );
    outputs['tokens.parquet'] = await describeOutput(tokensPath(folder, run.name, stage));
    await commitRun(stage, run, outputs, { layers: Object.keys(layers), units, rows });
  }

  async function commitRun(stage: RecordingStage, run: Run, outputs: Outputs, facts: Record<string, unknown>) {
    await commitStage(folder, stage, runFolder(folder, run.name, stage), {
      plan: await planOf(folder, stage),
      parameters: {},
      inputs: { [`design/${run.name}.parquet`]: designed[`${run.name}.parquet`].sha256 },
      outputs,
      facts,
    });
  }
}
