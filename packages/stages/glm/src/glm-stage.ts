import { join, resolve } from 'node:path';
import { diagnosticsTable, driftTable, type SiteDiagnostics, sha256OfFile } from '@galvani/artifact';
import { openResults, type Recording, unreachableUnits } from '@galvani/results';
import { readParameters, replaceStage, studyFolder } from '@galvani/study';
import { Failure, formatCount, type StageArguments, say, startProgress } from '@galvani/terminal';
import { designOfRuns } from './design/design-of-runs.js';
import { readStudyConfounds } from './design/study-confounds.js';
import type { FamilyCorrections } from './fit/corrected-statistics.js';
import { fitGlms } from './fit/fit-glms.js';
import type { UnitStates } from './fit/fitted-glm.js';
import type { FittedMap } from './maps/fitted-map.js';
import { layerRows } from './maps/layer-rows.js';
import { createMapSpill } from './maps/map-spill.js';
import { derivedMapsOf, firstLevelMapsOf } from './maps/planned-maps.js';
import { prepareMaps } from './maps/prepare-maps.js';
import { mapsOverTasks, studyMaps } from './maps/study-maps.js';
import { correctOverTasks, type LayerSites, writeFittedMap } from './maps/write-maps.js';
import { runDrifts } from './run-drift.js';
import { sampleSites } from './site-diagnostics.js';
import { type CopySearch, searchCopies } from './unit-marks.js';

/** The glm stage: events and activations -> glm/<map>/<layer>.arrow, diagnostics.parquet and drift.parquet. */
export async function glmStage({
  study,
  root,
  signal,
}: Pick<StageArguments, 'study' | 'signal'> & { root?: string }): Promise<void> {
  const folder = studyFolder(study, root);
  const asked = await readParameters(folder, 'glm');
  const { plan, inputs, runs, recording } = await openResults(folder, 'glm', signal);
  const recordings: Recording[] = [];
  for (const run of runs) recordings.push(await recording(run));
  const [{ run: firstRun, layers }] = recordings;
  const odd = recordings.find((own) => own.layers.join() !== layers.join());
  if (odd) throw new Failure(`${odd.run.name} has other layers than ${firstRun.name}: extract all runs alike.`);
  const confoundsPath = asked.confounds === undefined ? undefined : resolve(root ?? '.', asked.confounds);
  const confounds = confoundsPath === undefined ? undefined : await readStudyConfounds(confoundsPath, recordings);
  const [firstLevel, derived] = [firstLevelMapsOf(runs, asked), derivedMapsOf(runs, asked)];
  const glms = prepareMaps(firstLevel, recordings, asked, confounds);
  await replaceStage(folder, 'glm', async (place, path) => {
    const spill = await createMapSpill(join(path, '.maps.partial'));
    try {
      const maps = studyMaps(firstLevel, derived, glms, asked, spill);
      const { design, layout, condition } = designOfRuns(recordings, asked, confounds);
      const drifts = runDrifts(layout, condition, (r) => runs[r].name, asked.seed);
      const tasks = new Set(firstLevel.flatMap(({ kind, name }) => (kind === 'task' ? [name] : [])));
      const diagnostics: SiteDiagnostics[] = [];
      const sites: LayerSites[] = [];
      const progress = startProgress('glm', layers.length * firstLevel.length, 'maps of a layer');
      for (const layer of layers) {
        const source = await layerRows(layer, recordings, layout);
        const { columns } = source;
        const unreachable = unreachableUnits(columns, recordings[0].unreachable);
        const copies = searchCopies(columns, layout, unreachable);
        const sample = sampleSites(columns, source.prompts ? 0 : layout.run.length, asked.seed);
        const ofTasks: UnitStates[] = [];
        const watchMeans: CopySearch['watchMeans'] = (parts, means) => {
          copies.watchMeans(parts, means);
          if (source.prompts) sample.watchMeans(parts, means);
        };
        for await (const fit of fitGlms(source, glms, { watch: sample.watch, watchMeans, signal })) {
          await maps.keepFit(layer, fit);
          if ([...fit.contrasts.keys()].some((name) => tasks.has(name))) ofTasks.push(fit);
          progress.advance(fit.contrasts.size);
        }
        await maps.derive(layer);
        drifts.add(sample.promptMeans(layout));
        const marks = { copyOf: copies.copyOf(), unreachable };
        diagnostics.push(...sample.diagnose(layer, design, layout, ofTasks, marks));
        sites.push({ name: layer, columns, marks });
      }
      progress.finish();
      const fitted = maps.fittedMaps();
      const outputs: Record<string, { sha256: string; bytes: number }> = {};
      const overTasks = new Map<FittedMap, FamilyCorrections>();
      for (const own of mapsOverTasks(fitted))
        for (const [map, corrected] of await correctOverTasks(own, sites, spill)) overTasks.set(map, corrected);
      for (const map of fitted)
        Object.assign(outputs, await writeFittedMap(folder, sites, map, spill, overTasks.get(map)));
      await diagnosticsTable.write(place('diagnostics.parquet'), diagnostics);
      await driftTable.write(place('drift.parquet'), drifts.rows());
      const units = fitted[0].flags.reduce((sum, { length }) => sum + length, 0);
      const flagged = fitted[0].flags.reduce((sum, flags) => sum + flags.filter((flag) => flag !== 0).length, 0);
      const first = fitted[0].map.name;
      say(
        `glm: ${fitted.length} maps of ${formatCount(units)} units${flagged ? `, ${formatCount(flagged)} of them without variation or not finite in ${first}` : ''}`,
      );
      return {
        plan,
        parameters: { ...asked },
        inputs: { ...inputs, ...(confoundsPath && { [asked.confounds!]: await sha256OfFile(confoundsPath) }) },
        outputs,
        facts: { layers, units, mapSets: fitted.map(({ description }) => description) },
      };
    } finally {
      await spill.remove();
    }
  });
}
