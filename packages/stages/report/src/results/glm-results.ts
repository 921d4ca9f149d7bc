import { join } from 'node:path';
import { type Manifest, readDiagnostics, readMap, type SiteDiagnostics, type StatisticMap } from '@galvani/artifact';
import type { Slices } from '@galvani/study';
import { mapPath, type StudyFolder } from '@galvani/study';

/** What the GLM's manifest says of one set of maps. */
export interface MapSet {
  name: string;
  kind: 'task' | 'run' | 'contrast';
  task?: string;
  run?: string;
  contrast: string;
  /** Degrees of freedom, or in words that each unit has its own. */
  df?: number | string;
  noise?: string;
  /** Smallest |t| that survives, by correction, at the error rate `alpha`. */
  threshold: Record<string, number>;
}

/** A site among all units of a map. */
export interface MapSite {
  site: string;
  kind: string;
  layer: string;
  width: number;
  /** Place of its first unit in the map's arrays. */
  start: number;
}

type Correction = Slices['networks']['correction'];

/** The column of a map that holds each correction's p. */
const correctedColumn: Record<Correction, string> = {
  familywise: 'log10_p_familywise',
  fdr: 'log10_q_fdr',
  bonferroni: 'log10_p_bonferroni',
  none: 'log10_p',
};

/** One contrast over all layers, in order of depth; arrays have a value for each unit. */
export interface WholeMap {
  sites: MapSite[];
  t: Float32Array;
  d: Float32Array;
  /** Base-10 logarithm of p under the correction that forms networks. */
  log10p: Float64Array;
  /** 0 tested, 1 constant, 2 not finite. */
  flags: Uint8Array;
}

export interface GlmResults {
  layers: string[];
  units: number;
  mapSets: MapSet[];
  /** Fixed effects over sessions, by task. */
  taskMaps: Map<string, WholeMap>;
  /** By run, of the first session alone: they choose the units whose activity is shown. */
  runMaps: Map<string, WholeMap>;
  /** Contrasts that the study asks for, by their name. */
  contrastMaps: Map<string, WholeMap>;
  /** Of the residuals, by site. */
  diagnostics: SiteDiagnostics[];
}

/** Reads the maps of tasks and contrasts, and those of `runs`. */
export async function readGlm(
  folder: StudyFolder,
  manifest: Manifest,
  runs: ReadonlySet<string>,
  correction: Correction,
): Promise<GlmResults> {
  const { layers, units, mapSets } = manifest.facts as { layers?: string[]; units?: number; mapSets?: MapSet[] };
  const taskMaps = new Map<string, WholeMap>();
  const runMaps = new Map<string, WholeMap>();
  const contrastMaps = new Map<string, WholeMap>();
  const sets = (mapSets ?? []).map((set) => ({ ...set, threshold: finiteNumbers(set.threshold) }));
  for (const set of sets) {
    if (set.kind === 'run' && !runs.has(set.run ?? set.name)) continue;
    const map = await readWholeMap(folder, set, layers ?? [], correction);
    if (set.kind === 'task' && set.task) taskMaps.set(set.task, map);
    if (set.kind === 'contrast') contrastMaps.set(set.contrast, map);
    if (set.kind === 'run') runMaps.set(set.run ?? set.name, map);
  }
  return {
    layers: layers ?? [],
    units: units ?? 0,
    mapSets: sets,
    taskMaps,
    runMaps,
    contrastMaps,
    diagnostics: await readDiagnostics(join(folder.glm, 'diagnostics.parquet')),
  };
}

/** All layers of a map set as one map. */
async function readWholeMap(
  folder: StudyFolder,
  set: MapSet,
  layers: readonly string[],
  correction: Correction,
): Promise<WholeMap> {
  const parts: { layer: string; map: StatisticMap }[] = [];
  for (const layer of layers) parts.push({ layer, map: await readMap(mapPath(folder, set.name, layer)) });
  const units = parts.reduce((sum, { map }) => sum + map.flags.length, 0);
  const whole = {
    t: new Float32Array(units),
    d: new Float32Array(units),
    log10p: new Float64Array(units),
    flags: new Uint8Array(units),
  };
  const sites: MapSite[] = [];
  let at = 0;
  for (const { layer, map } of parts) {
    const statistics = map.contrasts.get(set.contrast) ?? {};
    const nothing = new Float64Array(map.flags.length).fill(Number.NaN);
    whole.t.set(statistics.t ?? nothing, at);
    whole.d.set(statistics.d ?? nothing, at);
    whole.log10p.set(statistics[correctedColumn[correction]] ?? nothing, at);
    whole.flags.set(map.flags, at);
    let start = at;
    for (const { site, kind, width } of map.sites) {
      sites.push({ site, kind, layer, width, start });
      start += width;
    }
    at += map.flags.length;
  }
  return { sites, ...whole };
}

function finiteNumbers(record: unknown): Record<string, number> {
  const entries = Object.entries((record ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.filter((e): e is [string, number] => Number.isFinite(e[1])));
}
