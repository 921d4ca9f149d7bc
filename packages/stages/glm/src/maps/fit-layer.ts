import type { SiteDiagnostics } from '@galvani/artifact';
import { unreachableUnits } from '@galvani/results';
import { fitGlms } from '../fit/fit-glms.js';
import type { UnitStates } from '../fit/fitted-glm.js';
import type { PreparedStudy } from '../prepared-study.js';
import { sampleSites } from '../site-diagnostics.js';
import { type CopySearch, searchCopies } from '../unit-marks.js';
import { layerRows } from './layer-rows.js';
import type { LayerMaps, StudyMaps } from './study-maps.js';
import type { LayerSites } from './write-maps.js';

/** What a layer was found to hold, beside the statistics of its maps. */
export interface LayerFit {
  sites: LayerSites;
  maps: LayerMaps;
  diagnostics: SiteDiagnostics[];
  /** Means over prompts of sampled units, [prompts x units], from which drift is told. */
  sampled: Float64Array;
}

/** Fits all models to a layer. @param onMaps told how many maps of it are there */
export async function fitLayer(
  layer: string,
  { recordings, whole: { design, layout }, firstLevel, glms, asked }: PreparedStudy,
  maps: Pick<StudyMaps, 'keepFit' | 'endLayer'>,
  signal: AbortSignal,
  onMaps: (count: number) => void,
): Promise<LayerFit> {
  const source = await layerRows(layer, recordings, layout);
  const { columns } = source;
  const tasks = new Set(firstLevel.flatMap(({ kind, name }) => (kind === 'task' ? [name] : [])));
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
    onMaps(fit.contrasts.size);
  }
  const own = await maps.endLayer(layer);
  const marks = { copyOf: copies.copyOf(), unreachable };
  return {
    sites: { name: layer, columns, marks },
    maps: own,
    diagnostics: sample.diagnose(layer, design, layout, ofTasks, marks),
    sampled: sample.promptMeans(layout),
  };
}
