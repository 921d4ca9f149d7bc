import { rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  canonicalJson,
  describeOutput,
  diagnosticsTable,
  driftTable,
  manifestName,
  type NamedColumn,
  readManifest,
  requireWritableFolder,
  restDrifts,
  type StoredStatistics,
  sweepPartial,
  writeFileWhole,
  writeManifest,
  writeMap,
  writeNamedTable,
} from '@galvani/artifact';
import { fixedEffects, type TContrastResult } from '@galvani/statistics';
import type { CheckedYaml } from '@galvani/study';
import { formatCount, say, startProgress, UserMistake, warn } from '@galvani/terminal';
import { correctedStatistics, correctFamily, plainStatistics, relabelledColumn } from '../fit/corrected-statistics.js';
import { fitGlms } from '../fit/fit-glms.js';
import { type FittedGlm, jointFlags } from '../fit/fitted-glm.js';
import { type PromptPermutations, permutesPrompts } from '../fit/prepared-glm.js';
import { unitPasses } from '../fit/unit-passes.js';
import { runDrifts } from '../run-drift.js';
import { type SiteSample, sampleSites } from '../site-diagnostics.js';
import { familywiseContrasts, type SeriesContrast } from './fit-series.js';
import { prepareSeries, type SeriesGlm, type SeriesOptions } from './prepare-series.js';
import type { SeriesConfig } from './series-config.js';
import type { SeriesRun } from './series-events.js';
import { openSeries, type SeriesFile } from './series-file.js';
import { confoundsOfRows, inputsOf, readConfig, readConfounds, readRuns } from './series-inputs.js';
import { seriesRows } from './series-rows.js';
import { contrastInUnits, scaledRows } from './unit-factors.js';

/** What `galvani glm --series` is asked for. Series and events come in pairs, one for each run. */
export interface SeriesArguments {
  series: readonly string[];
  events: readonly string[];
  /** galvani's own tokens.parquet, one for each of its design tables among the events. */
  tokens?: readonly string[];
  config: string;
  /** Folder to write. */
  out: string;
  signal?: AbortSignal;
}

/**
 * Fits a user-supplied series, without a model or a study: writes map.arrow (all runs in one model), for
 * several runs also runs/<run>.arrow and fixed-effects.arrow, design.parquet, design-report.json, diagnostics.parquet,
 * drift.parquet and the manifest, which comes last.
 */
export async function fitSeriesFiles(args: SeriesArguments): Promise<void> {
  if (args.events.length !== args.series.length)
    throw new UserMistake(
      `${args.series.length} --series and ${args.events.length} --events were given: give one table of events for each series, in the same order.`,
    );
  await requireWritableFolder(args.out);
  const { value: config, locate } = await readConfig(args.config);
  const files: SeriesFile[] = [];
  try {
    for (const path of args.series) files.push(await openSeries(path));
    await fitOpenFiles(args, config, locate, files);
  } finally {
    for (const file of files) await file.close();
  }
}

async function fitOpenFiles(
  args: SeriesArguments,
  config: SeriesConfig,
  locate: CheckedYaml<SeriesConfig>['locate'],
  files: readonly SeriesFile[],
): Promise<void> {
  const { columns } = files[0];
  const odd = files.find((file) => JSON.stringify(file.columns) !== JSON.stringify(columns));
  if (odd) throw new UserMistake(`${odd.path} has other units than ${files[0].path}: runs need the same columns.`);
  const units = columns.reduce((sum, { width }) => sum + width, 0);
  const runs = await readRuns(args, config, files, locate);
  const rows = runs.reduce((sum, run) => sum + run.rows, 0);
  const confoundPaths = [config.confounds ?? []].flat().map((path) => resolve(dirname(args.config), path));
  const confounds = await readConfounds(confoundPaths, rows);
  const sources = {
    task: `a trial_type in ${args.events.join(', ')}`,
    modulator: `a modulator in ${args.config}`,
    confound: `a column of ${confoundPaths.join(', ')}`,
  };
  const whole = prepareSeries(runs, config, { confounds, locate, sources });
  requireFreeColumns(whole, confounds, sources);
  warnOfUnreachable(whole, config);
  let next = 0;
  const single = (runs.length === 1 ? [] : runs).map((run) => {
    const firstRow = next;
    next += run.rows;
    return prepareSeries([run], config, { confounds: confoundsOfRows(confounds, firstRow, next), firstRow, sources });
  });
  await removeEarlier(args.out);
  const sample = sampleSites(columns, rows, config.seed);
  const passes = unitPasses({ columns, layout: whole.layout }, [whole, ...single]);
  const progress = startProgress('glm', rows * passes.length, 'rows');
  const source = scaledRows(seriesRows(files, whole.layout, progress.advance));
  const fits: FittedGlm[] = [];
  for await (const fit of fitGlms(source, [whole, ...single], { passes, watch: sample.watch, signal: args.signal }))
    fits.push(fit);
  progress.finish();
  const [joint, ...own] = fits;
  const contrasts = familywiseContrasts(whole, joint);
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  const writeOutput = async (name: string, write: (path: string) => Promise<unknown>) => {
    const path = join(args.out, name);
    await write(path);
    outputs[name] = await describeOutput(path);
  };
  const facts = { noise: config.noise };
  const factors = source.factors();
  const mapOf = (flags: Uint8Array, statistics: ReadonlyMap<string, SeriesContrast>) => (path: string) =>
    writeMap(path, { sites: columns, flags, contrasts: mapStatistics(statistics, factors), facts });
  await writeOutput('map.arrow', mapOf(joint.flags, contrasts));
  for (const [r, fit] of own.entries())
    if (fit.contrasts.size > 0) await writeOutput(`runs/${runs[r].name}.arrow`, mapOf(fit.flags, fit.contrasts));
  const fixed = fixedOverRuns(own, config.fixedEffects === 'precision');
  if (config.fixedEffects === 'precision') warn(precisionWarning);
  if (fixed.size > 0) await writeOutput('fixed-effects.arrow', mapOf(jointFlags(own.map(({ flags }) => flags)), fixed));
  await writeOutput('design.parquet', (path) => writeDesign(path, whole, runs));
  await writeOutput('design-report.json', (path) => writeFileWhole(path, reportText(whole)));
  await writeOutput('diagnostics.parquet', (path) =>
    diagnosticsTable.write(path, sample.diagnose('series', whole.design, whole.layout, [joint])),
  );
  const drifts = driftsOf(whole, runs, sample, config);
  await writeOutput('drift.parquet', (path) => driftTable.write(path, drifts));
  await sweepPartial(args.out);
  await writeManifest(args.out, {
    stage: 'glm',
    parameters: { ...config, config: basename(args.config) },
    inputs: await inputsOf([...args.series, ...args.events, ...(args.tokens ?? []), args.config, ...confoundPaths]),
    outputs,
    facts: {
      rows,
      units,
      runs: runs.map(({ name, rows: own }) => ({ name, rows: own })),
      df: joint.df,
      contrasts: [...contrasts].map(([name, { kind, familywise }]) => ({
        name,
        statistic: kind,
        relabellings: familywise?.maxima.length ?? 0,
        ...(familywise && relabelledFacts(whole.contrasts.get(name)!.permutations!)),
        ...(familywise?.wildRatio !== undefined && { wildRatio: familywise.wildRatio }),
        ...(familywise && { threshold: familywise.threshold(config.alpha), alpha: config.alpha }),
      })),
    },
  });
  say(
    `glm: ${contrasts.size} contrasts of ${formatCount(units)} units in ${formatCount(rows)} rows of ${runs.length} run${runs.length > 1 ? 's' : ''}${permutesPrompts(whole) ? ', relabelled' : ''}: ${join(args.out, manifestName)}`,
  );
}

/** The threshold is in the statistic that is `relabelled`. */
const relabelledFacts = ({ statistic, smallestP }: PromptPermutations) => ({ relabelled: statistic, smallestP });

/** What is said where runs are weighted by their precision; the rates are of four runs of six prompts and of eighteen. */
const precisionWarning =
  'fixedEffects: precision weighs runs by 1 / a variance that few prompts estimate: with four runs of six prompts 18% of null units pass at 5% and 3.6% at 0.1%, with eighteen prompts 7.6% and 0.3%. Equal weights keep to 5% and 0.1%.';

/** The mean over runs of every t contrast that all runs can estimate. */
function fixedOverRuns(runs: readonly FittedGlm[], precisionWeighted: boolean): Map<string, TContrastResult> {
  const found = new Map<string, TContrastResult>();
  for (const [name, { kind }] of runs[0]?.contrasts ?? []) {
    const own = runs.flatMap(({ contrasts }) => contrasts.get(name) ?? []);
    if (kind === 't' && own.length === runs.length)
      found.set(name, fixedEffects(own as TContrastResult[], { precisionWeighted }));
  }
  return found;
}

function mapStatistics(
  contrasts: ReadonlyMap<string, SeriesContrast>,
  factors: Float64Array | undefined,
): Map<string, StoredStatistics> {
  return new Map(
    [...contrasts].map(([name, result]) => {
      const { log10p, log10pFamilywise, relabelled } = result;
      return [
        name,
        correctedStatistics(
          {
            ...plainStatistics(contrastInUnits(result, factors)),
            ...(relabelled && { [relabelledColumn]: relabelled }),
          },
          log10pFamilywise,
          correctFamily([log10p]),
        ),
      ];
    }),
  );
}

/** Says where relabelling can find nothing, whatever the series holds. */
function warnOfUnreachable({ contrasts }: SeriesGlm, { alpha }: SeriesConfig): void {
  for (const [name, { permutations }] of contrasts)
    if (permutations && permutations.smallestP > alpha * (1 + 1e-9))
      warn(
        `'${name}' can have no family-wise p below ${permutations.smallestP.toPrecision(3)}, the least that relabelling its prompts gives, so no unit will pass alpha ${alpha}: it takes more prompts or, where relabellings are drawn at random, more of them.`,
      );
}

/** Whether rest drifts in each run; says where it does and the design does not reckon with it. */
function driftsOf(
  { layout, condition }: SeriesGlm,
  runs: readonly SeriesRun[],
  sample: SiteSample,
  config: SeriesConfig,
) {
  const drifts = runDrifts(layout, condition, (r) => runs[r].name, config.seed);
  drifts.add(sample.promptMeans(layout));
  const rows = drifts.rows();
  const found = rows.filter(restDrifts).map(({ run }) => run);
  if (found.length > 0 && config.drift === undefined)
    warn(
      `rest drifts over ${found.length} of ${rows.length} ${rows.length === 1 ? 'run' : 'runs'} (${found.slice(0, 3).join(', ')}${found.length > 3 ? ', ...' : ''}; in 1 of 20 it seems so by chance). A drift that bends makes task and rest differ without the task. drift: { kind: polynomial, order: 2 } takes it out.`,
    );
  return rows;
}

/** Columns of design.parquet that say which row it is. */
const rowColumns = ['run', 'prompt'];

/** @throws UserMistake for a regressor with the name of one of design.parquet's own columns */
function requireFreeColumns(
  { design, conditions }: SeriesGlm,
  confounds: ReadonlyMap<string, Float64Array> | undefined,
  sources: NonNullable<SeriesOptions['sources']>,
): void {
  const taken = design.names.find((name) => rowColumns.includes(name));
  if (taken === undefined) return;
  const kind = conditions.includes(taken) ? 'task' : confounds?.has(taken) ? 'confound' : 'modulator';
  throw new UserMistake(
    `'${taken}' is ${sources[kind]}, and design.parquet has a column '${taken}' that says which row it is. Rename it.`,
  );
}

function writeDesign(path: string, { design, layout }: SeriesGlm, runs: readonly SeriesRun[]): Promise<void> {
  const { names, X, columns, rows } = design;
  return writeNamedTable(
    path,
    [
      { name: 'run', type: 'text', value: (i) => runs[layout.run[i]].name },
      { name: 'prompt', type: 'int32', value: (i) => layout.prompt[i] },
      ...names.map((name, j): NamedColumn => ({ name, type: 'float64', value: (i) => X[i * columns + j] })),
    ],
    rows,
  );
}

function reportText({ report }: SeriesGlm): string {
  const { names, correlations, varianceInflation, condition, contrasts, ...plain } = report;
  return canonicalJson({
    ...plain,
    names,
    condition,
    varianceInflation: Object.fromEntries(names.map((name, j) => [name, varianceInflation[j]])),
    correlations: names.map((_, j) => Array.from(correlations.subarray(j * names.length, (j + 1) * names.length))),
    contrasts: contrasts.map(({ name, efficiency, reason }) => ({ name, efficiency, reason })),
  });
}

/** Removes what an earlier run wrote, by its manifest, and nothing else: the folder is the person's. */
async function removeEarlier(folder: string): Promise<void> {
  const earlier = await readManifest(folder);
  if (earlier === undefined) return;
  await rm(join(folder, manifestName), { recursive: true, force: true });
  for (const name of Object.keys(earlier.outputs)) await rm(join(folder, name), { force: true });
}
