import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ActivationColumn,
  manifestName,
  mapPath,
  type StudyFolder,
  studyFolder,
  sweepPartial,
  writeManifest,
  writeMap,
} from '@galvani/artifact';
import { readSlice, type Slices } from '@galvani/study';
import { Failure, formatCount, type StageArguments, startProgress } from '@galvani/terminal';
import { correctedStatistics } from './corrected-statistics.js';
import { eachTokenBatch, type LayerMeans, readLayerMeans } from './layer-activity.js';
import { mapSetsOf } from './map-set.js';
import { type RunRows, readRunRows } from './run-rows.js';
import { type LayerResult, prepareSet, type SetModel } from './set-model.js';

/** Family-wise rate at which the threshold is told; maps hold every unit's p. */
const toldAlpha = 0.05;

/** The glm stage: events and activations -> glm/<map set>/<layer>.arrow. */
export async function runGlm({ study, signal }: Pick<StageArguments, 'study' | 'signal'>): Promise<void> {
  const folder = studyFolder(study);
  const [slice, runs] = await Promise.all([readSlice(folder, 'glm'), readSlice(folder, 'runs')]);
  const rows: RunRows[] = [];
  for (const run of runs) rows.push(await readRunRows(folder, run));
  const layers = rows[0].layers;
  const odd = rows.find((own) => own.layers.join() !== layers.join());
  if (odd) throw new Failure(`${odd.run.name} has other layers than ${rows[0].run.name}: extract all runs alike.`);
  const models = mapSetsOf(runs, slice).map((set) => prepareSet(set, rows, slice.noise, slice.seed));
  const columns = new Map<string, ActivationColumn[]>();
  const results = models.map((): LayerResult[] => []);
  const progress = startProgress('glm', layers.length * models.length, 'maps of a layer');
  for (const layer of layers) {
    const activity = await readLayerMeans(folder, layer, rows);
    columns.set(layer, activity.columns);
    for (const [m, model] of models.entries()) {
      signal?.throwIfAborted();
      results[m].push(await fitLayer(folder, layer, model, activity, slice.noise));
      progress.advance();
    }
  }
  progress.finish();
  await writeMaps(folder, slice, { rows, layers, models, results, columns });
}

async function fitLayer(
  folder: StudyFolder,
  layer: string,
  model: SetModel,
  { units, means }: LayerMeans,
  noise: Slices['glm']['noise'],
): Promise<LayerResult> {
  const own = stacked(model.runs.map(({ run }) => means.get(run.name)!));
  const estimator = model.estimator(units);
  if (noise === 'prompt') estimator.add(own, 0);
  else {
    let first = 0;
    for (const { run, promptOfRow } of model.runs) {
      await eachTokenBatch(folder, layer, run.name, (rows, at) => estimator.add(rows, first + at));
      first += promptOfRow.length;
    }
  }
  return { ...model.evaluate(estimator), relabelled: await model.relabel(own) };
}

interface Fitted {
  rows: readonly RunRows[];
  layers: readonly string[];
  models: readonly SetModel[];
  results: readonly LayerResult[][];
  columns: ReadonlyMap<string, ActivationColumn[]>;
}

async function writeMaps(folder: StudyFolder, slice: Slices['glm'], fitted: Fitted): Promise<void> {
  const { rows, layers, models, results, columns } = fitted;
  // Maps of contrasts that are no longer asked for would be taken for part of this study.
  await rm(folder.glm, { recursive: true, force: true });
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  const mapSets: Record<string, unknown>[] = [];
  for (const [m, { set, familywise, contrast }] of models.entries()) {
    const nullDistribution = familywise();
    const statistics = correctedStatistics(results[m], nullDistribution);
    const { df } = results[m][0].contrast;
    const facts = { noise: slice.noise, df: typeof df === 'number' ? df : 'per unit', statistic: contrast.kind };
    for (const [l, layer] of layers.entries()) {
      const map = {
        sites: columns.get(layer)!,
        flags: results[m][l].flags,
        contrasts: { [set.contrast]: statistics[l] },
        facts: Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, String(value)])),
      };
      outputs[`${set.name}/${layer}.arrow`] = await writeMap(mapPath(folder, set.name, layer), map);
    }
    mapSets.push({
      name: set.name,
      kind: set.kind,
      contrast: set.contrast,
      expression: set.expression,
      ...(set.kind === 'contrast' ? {} : { task: set.runs[0].task }),
      ...(set.kind === 'run' ? { run: set.runs[0].name } : {}),
      ...facts,
      relabellings: nullDistribution.maxima.length,
      exhaustive: nullDistribution.exhaustive,
      threshold: { alpha: toldAlpha, familywise: nullDistribution.threshold(toldAlpha) },
    });
  }
  const units = results[0].reduce((sum, { flags }) => sum + flags.length, 0);
  const flagged = results[0].reduce((sum, { flags }) => sum + flags.filter((flag) => flag !== 0).length, 0);
  await sweepPartial(folder.glm);
  await rm(join(folder.glm, manifestName), { force: true });
  await writeManifest(folder.glm, {
    stage: 'glm',
    parameters: { ...slice },
    inputs: Object.assign({}, ...rows.map(({ inputs }) => inputs)),
    outputs,
    facts: { layers, units, mapSets },
  });
  process.stdout.write(
    `glm: ${models.length} maps of ${formatCount(units)} units${flagged ? `, ${formatCount(flagged)} of them without variation or not finite in ${models[0].set.name}` : ''}\n`,
  );
}

function stacked(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
