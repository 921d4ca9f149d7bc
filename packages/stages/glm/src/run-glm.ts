import { join, resolve } from 'node:path';
import { type SiteDiagnostics, sha256OfFile, writeDiagnostics } from '@galvani/artifact';
import { openUpstream, readSlice, replaceStage, studyFolder } from '@galvani/study';
import { Failure, formatCount, type StageArguments, say, startProgress } from '@galvani/terminal';
import { setDesign } from './design/set-design.js';
import { readStudyConfounds } from './design/study-confounds.js';
import { fitLayer } from './maps/layer-fit.js';
import { derivedSetsOf, mapSetsOf, requireDistinct } from './maps/map-set.js';
import { createMapSpill } from './maps/map-spill.js';
import { prepareSet } from './maps/set-model.js';
import { joinStates, studyMaps } from './maps/study-maps.js';
import { writeFamily } from './maps/write-maps.js';
import { type RunRows, readRunRows } from './run-rows.js';
import { type SiteSample, sampleSites } from './site-diagnostics.js';

/** The glm stage: events and activations -> glm/<map set>/<layer>.arrow and diagnostics.parquet. */
export async function runGlm({
  study,
  root,
  signal,
}: Pick<StageArguments, 'study' | 'signal'> & { root?: string }): Promise<void> {
  const folder = studyFolder(study, root);
  const [slice, runs] = await Promise.all([readSlice(folder, 'glm'), readSlice(folder, 'runs')]);
  const rows: RunRows[] = [];
  const { plan, manifests, inputs } = await openUpstream(folder, 'glm', signal);
  for (const run of runs)
    rows.push(await readRunRows(folder, run, manifests.get(`extract/${run.name}`)!.facts.layers as string[]));
  const layers = rows[0].layers;
  const odd = rows.find((own) => own.layers.join() !== layers.join());
  if (odd) throw new Failure(`${odd.run.name} has other layers than ${rows[0].run.name}: extract all runs alike.`);
  const confoundsPath = slice.confounds === undefined ? undefined : resolve(root ?? '.', slice.confounds);
  const confounds = confoundsPath === undefined ? undefined : await readStudyConfounds(confoundsPath, rows);
  const [sets, derived] = [mapSetsOf(runs, slice), derivedSetsOf(runs, slice)];
  requireDistinct([...sets, ...derived]);
  const models = sets.map((set) => prepareSet(set, rows, slice, confounds));
  await replaceStage(folder, 'glm', async (place, path) => {
    const spill = await createMapSpill(join(path, '.maps.partial'));
    try {
      const maps = studyMaps(models, derived, slice, spill);
      const whole = setDesign(rows, slice, confounds);
      const diagnostics: SiteDiagnostics[] = [];
      const fitted: Parameters<typeof writeFamily>[1] & unknown[] = [];
      const progress = startProgress('glm', layers.length * models.length, 'maps of a layer');
      for (const layer of layers) {
        signal?.throwIfAborted();
        let sample: SiteSample | undefined;
        const fit = await fitLayer(folder, layer, rows, models, (first, batch, columns) => {
          sample ??= sampleSites(columns, whole.layout.run.length, slice.seed);
          sample.watch({ ...batch, firstRow: first + batch.firstRow });
        });
        for (const m of models.keys()) {
          signal?.throwIfAborted();
          await maps.add(m, layer, fit);
          progress.advance();
        }
        await maps.derive(layer);
        const tasks = models.flatMap(({ set }, m) => (set.kind === 'task' ? [joinStates(fit.results[m])] : []));
        diagnostics.push(...sample!.diagnose(layer, whole.tokens.design, whole.layout, tasks));
        fitted.push({ name: layer, columns: fit.columns });
      }
      progress.finish();
      const families = maps.finish();
      const outputs: Record<string, { sha256: string; bytes: number }> = {};
      for (const family of families) Object.assign(outputs, await writeFamily(folder, fitted, family, spill));
      await spill.remove();
      await writeDiagnostics(place('diagnostics.parquet'), diagnostics);
      const units = families[0].flags.reduce((sum, { length }) => sum + length, 0);
      const flagged = families[0].flags.reduce((sum, flags) => sum + flags.filter((flag) => flag !== 0).length, 0);
      const first = families[0].set.name;
      say(
        `glm: ${families.length} maps of ${formatCount(units)} units${flagged ? `, ${formatCount(flagged)} of them without variation or not finite in ${first}` : ''}`,
      );
      return {
        plan,
        parameters: { ...slice },
        inputs: { ...inputs, ...(confoundsPath && { [slice.confounds!]: await sha256OfFile(confoundsPath) }) },
        outputs,
        facts: { layers, units, mapSets: families.map(({ description }) => description) },
      };
    } finally {
      await spill.remove();
    }
  });
}
