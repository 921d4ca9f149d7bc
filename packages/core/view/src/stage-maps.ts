import { mapStatistics, readMap } from '@galvani/artifact';
import { type WholeMap, wholeMap } from '@galvani/results';
import { advised, Failure } from '@galvani/terminal';
import type { OpenStudy } from './open-study.js';
import type { MapSummary } from './view-types.js';

/** Columns of every map that are no statistics. */
export const unitColumns = ['flag', 'copy_of', 'unreachable'] as const;

/** A map that another stage than glm made, and where its files are. */
interface StageMap {
  summary: Pick<MapSummary, 'name' | 'kind' | 'contrast' | 'task' | 'threshold'>;
  /** `yardstick/topics-pathology`, of which each layer has a file. */
  folder: string;
}

/** The maps of a study that can be had, with their columns; `noted` hears of those that cannot be read. */
export async function mapSummaries(
  open: OpenStudy,
  noted: <T>(work: Promise<T>) => Promise<T | undefined>,
): Promise<MapSummary[]> {
  const { results } = open;
  const maps: MapSummary[] = [];
  const descriptions = results.glm?.maps ?? [];
  const read = descriptions.map(({ name }) => results.mapStatistics(name));
  await Promise.allSettled(read);
  for (const [m, description] of descriptions.entries()) {
    const columns = await noted(read[m]);
    if (columns) maps.push({ ...description, columns: [...columns, ...unitColumns, 'member'] });
  }
  for (const { summary, folder } of stageMaps(open)) {
    const read = async () =>
      mapStatistics(await open.files.open(`${folder}/${layersOf(open)[0]}.arrow`), summary.contrast);
    const columns = await noted(read());
    if (columns) maps.push({ ...summary, columns: [...columns, ...unitColumns] });
  }
  return maps;
}

/** @throws Failure where the study has no map of that name */
export async function mapOf(open: OpenStudy, name: string): Promise<WholeMap> {
  const known = stageMaps(open).find(({ summary }) => summary.name === name);
  if (!known) return open.results.map(name);
  const read = async (layer: string) => ({
    layer,
    map: await readMap(await open.files.open(`${known.folder}/${layer}.arrow`)),
  });
  return wholeMap({ kind: 'contrast', contrast: known.summary.contrast }, await Promise.all(layersOf(open).map(read)));
}

/** Contrasts over topics of the yardstick stage, and independent components of the geometry stage. */
function stageMaps({ results, plan }: OpenStudy): StageMap[] {
  const yardstick = results.manifests.get('yardstick');
  const geometry = results.manifests.get('geometry');
  const has = (manifest: typeof geometry, folder: string) =>
    Object.keys(manifest?.outputs ?? {}).some((name) => name.startsWith(`${folder}/`));
  const topics = plan.design.tasks
    .filter((task) => has(yardstick, `topics-${task}`))
    .map(
      (task): StageMap => ({
        summary: { name: `yardstick/${task}`, kind: 'topics', contrast: task, task, threshold: {} },
        folder: `yardstick/topics-${task}`,
      }),
    );
  const count = has(geometry, 'components') ? Number(geometry!.facts.components) || 0 : 0;
  const components = Array.from(
    { length: count },
    (_, k): StageMap => ({
      summary: {
        name: `geometry/component-${k + 1}`,
        kind: 'component',
        contrast: `component-${k + 1}`,
        threshold: {},
      },
      folder: 'geometry/components',
    }),
  );
  return [...topics, ...components];
}

/** Layers in the model's order. */
function layersOf({ results }: OpenStudy): readonly string[] {
  if (!results.glm)
    throw new Failure(`the glm stage has not finished: ${advised('run', 'all')} does it and what comes before it.`);
  return results.glm.layers;
}
