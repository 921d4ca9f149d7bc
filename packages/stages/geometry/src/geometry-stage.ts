import { ceilingTable, componentTable, dendrogramTable, distanceTable } from '@galvani/artifact';
import { countedUnits, membership, openResults, type Recording } from '@galvani/results';
import { spatialComponents } from '@galvani/statistics';
import { readParameters, replaceStage, studyFolder } from '@galvani/study';
import { type StageArguments, say, startProgress } from '@galvani/terminal';
import { writeComponentMaps } from './component-map-files.js';
import { componentRows, type TaskMap } from './component-rows.js';
import { type DistanceRows, distanceRows } from './distance-rows.js';
import { distinctPrompts, productsAmong } from './distinct-prompts.js';
import { geometrySentences } from './geometry-sentences.js';
import { presentedTasks } from './presented-tasks.js';
import { readActivity } from './read-activity.js';

/** The geometry stage: events, activations and maps -> geometry/{distances,ceiling,dendrogram,components}.parquet and maps of the components. */
export async function geometryStage({
  study,
  root,
  signal,
}: Pick<StageArguments, 'study' | 'signal'> & { root?: string }): Promise<void> {
  const folder = studyFolder(study, root);
  const [asked, rule] = await Promise.all([readParameters(folder, 'geometry'), readParameters(folder, 'networks')]);
  const { plan, inputs, runs, recording, map } = await openResults(folder, 'geometry', signal);
  const recordings: Recording[] = [];
  for (const run of runs) recordings.push(await recording(run));
  const topics = recordings.map(({ events }) => events.map(({ topic }) => topic));
  const presented = presentedTasks(recordings, asked.rest === 'none' ? topics : undefined);
  const whole = await map(`task-${presented.tasks[0]}`);
  const counted = countedUnits(whole, rule);
  const progress = startProgress('geometry', recordings[0].layers.length, 'layers');
  const { products, standardised } = await readActivity(recordings, presented, counted, () => {
    signal?.throwIfAborted();
    progress.advance();
  });
  progress.finish();
  const none: DistanceRows = { distances: [], ceiling: [], dendrogram: [] };
  const nothing = whyNoDistances(presented.sessions, products.units);
  const distinct = productsAmong(products, presented, distinctPrompts(recordings));
  const { distances, ceiling, dendrogram } = nothing
    ? none
    : distanceRows(distinct.products, distinct.presented, asked);
  signal?.throwIfAborted();
  const found = await spatialComponents(standardised, presented.run.length, asked);
  const maps: TaskMap[] = [];
  for (const task of presented.tasks) {
    const own = await map(`task-${task}`);
    const isCounted = (_: number, u: number) => counted[u] === 1;
    maps.push({ task, d: own.statistic('d').filter(isCounted), members: membership(own, rule).filter(isCounted) });
  }
  const components = componentRows(found, presented, maps, asked);
  await replaceStage(folder, 'geometry', async (place, path) => {
    await distanceTable.write(place('distances.parquet'), distances);
    await ceilingTable.write(place('ceiling.parquet'), ceiling);
    await dendrogramTable.write(place('dendrogram.parquet'), dendrogram);
    await componentTable.write(place('components.parquet'), components);
    const outputs = await writeComponentMaps(path, found, counted, whole);
    const { copies, unreachable } = rule;
    const facts = { components: found.count, converged: found.converged, ...(nothing && { nothing }) };
    return { plan, parameters: { ...asked, networks: { copies, unreachable } }, inputs, outputs, facts };
  });
  if (nothing) say(`geometry: there are no distances, since ${nothing}`);
  for (const sentence of geometrySentences({ distances, ceiling, components })) say(`geometry: ${sentence}`);
}

function whyNoDistances(sessions: number, units: number): string | undefined {
  if (sessions < 2) return 'distances are validated across sessions, and the study has one';
  return units === 0 ? 'no unit that counts varies over the prompts of a task' : undefined;
}
