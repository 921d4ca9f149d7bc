import { designTable, diagnosticsTable, driftTable } from '@galvani/artifact';
import type { StudyFolder } from '@galvani/study';
import { formatCount, say } from '@galvani/terminal';
import { conditionsOf } from '../design/design-of-runs.js';
import type { FamilyCorrections } from '../fit/corrected-statistics.js';
import type { PreparedStudy } from '../prepared-study.js';
import { runDrifts } from '../run-drift.js';
import { designEntries } from './design-entries.js';
import type { LayerFit } from './fit-layer.js';
import type { FittedMap } from './fitted-map.js';
import type { StoredMaps } from './map-spill.js';
import { mapsOverTasks, type StudyMaps } from './study-maps.js';
import { correctOverTasks, writeFittedMap } from './write-maps.js';

/**
 * Writes maps and tables of a study whose layers are all fitted: what needs the whole family of units.
 *
 * @param fits of all layers, in order
 * @param stored statistics of all maps
 * @returns what the manifest says
 */
export async function writeStudy(
  folder: StudyFolder,
  prepared: PreparedStudy,
  fits: readonly LayerFit[],
  maps: Pick<StudyMaps, 'fittedMaps'>,
  stored: StoredMaps,
  place: (file: string) => string,
) {
  const { asked, layers, recordings, whole, record } = prepared;
  const drifts = runDrifts(whole.layout, conditionsOf(recordings), (r) => recordings[r].run.name, asked.seed);
  for (const { sampled } of fits) drifts.add(sampled);
  const sites = fits.map((fit) => fit.sites);
  const fitted = maps.fittedMaps(fits.map((fit) => fit.maps));
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  const overTasks = new Map<FittedMap, FamilyCorrections>();
  for (const own of mapsOverTasks(fitted))
    for (const [map, corrected] of await correctOverTasks(own, sites, stored)) overTasks.set(map, corrected);
  for (const map of fitted)
    Object.assign(outputs, await writeFittedMap(folder, sites, map, stored, overTasks.get(map)));
  await diagnosticsTable.write(
    place('diagnostics.parquet'),
    fits.flatMap(({ diagnostics }) => diagnostics),
  );
  await driftTable.write(place('drift.parquet'), drifts.rows());
  await designTable.write(place('design.parquet'), designEntries(prepared));
  const units = fitted[0].flags.reduce((sum, { length }) => sum + length, 0);
  const flagged = fitted[0].flags.reduce((sum, flags) => sum + flags.filter((flag) => flag !== 0).length, 0);
  const first = fitted[0].map.name;
  say(
    `glm: ${fitted.length} maps of ${formatCount(units)} units${flagged ? `, ${formatCount(flagged)} of them without variation or not finite in ${first}` : ''}`,
  );
  return {
    ...record,
    outputs,
    facts: { layers, units, mapSets: fitted.map(({ description }) => description) },
  };
}
