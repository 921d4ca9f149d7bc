import { resultTables } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import type { MapSite, Recording } from '@galvani/results';
import type { OpenStudy } from './open-study.js';
import type { MapSummary, RunSummary, StudyView } from './view-types.js';

/** Columns of every map that are no statistics: flags, marks, and whether the unit belongs to the network (1, -1 or 0). */
export const unitColumns = ['flag', 'copy_of', 'unreachable', 'member'] as const;

/** The part `study.json`. */
export async function studyView(open: OpenStudy, name: string, live: boolean): Promise<StudyView> {
  const { plan, results, stages, problems } = open;
  const notes = [...problems];
  const noted = async <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: Error) => {
      notes.push(error.message);
      return undefined;
    });
  const runs: RunSummary[] = [];
  let sites: MapSite[] = [];
  for (const run of results.runs) {
    const { name, session, task } = run;
    const recording = results.manifests.has(`extract/${name}`) ? await noted(results.recording(run)) : undefined;
    const prompts = recording?.events.length ?? (await noted(results.events(run)))?.length ?? 0;
    runs.push({ name, session, task, rows: recording?.tokens.length ?? 0, prompts });
    if (recording && sites.length === 0) sites = (await noted(sitesOf(recording))) ?? [];
  }
  const maps: MapSummary[] = [];
  for (const description of results.glm?.maps ?? []) {
    const columns = await noted(results.mapStatistics(description.name));
    if (columns) maps.push({ ...description, columns: [...columns, ...unitColumns] });
  }
  const { extract, design, report, networks, glm } = plan;
  return {
    name,
    title: report.title,
    description: report.description,
    model: modelName(extract.model),
    tasks: design.tasks,
    runs,
    keep: extract.keep,
    afterEnd: glm.afterEnd,
    transform: glm.transform,
    sites,
    units: sites.reduce((sum, { width }) => sum + width, 0),
    maps,
    rule: networks,
    tables: Object.entries(resultTables)
      .filter(([stage]) => results.manifests.has(stage))
      .map(([stage, tables]) => ({ stage, names: Object.keys(tables) })),
    stages: stages.filter(({ stage, state }) => state !== 'missing' || !stageRow(stage).byHand),
    problems: notes,
    live,
  };
}

async function sitesOf({ layers, columns }: Recording): Promise<MapSite[]> {
  const sites: MapSite[] = [];
  let start = 0;
  for (const layer of layers)
    for (const { site, kind, width } of await columns(layer)) {
      sites.push({ site, kind, layer, width, start });
      start += width;
    }
  return sites;
}

function modelName(source: OpenStudy['plan']['extract']['model']): string {
  if ('twin' in source) return `the untrained twin of ${modelName(source.twin)}`;
  return 'path' in source ? source.path : `${source.hub} (${source.revision})`;
}
