import { resultTables } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import { absence, type MapSite, type Recording } from '@galvani/results';
import type { OpenStudy } from './open-study.js';
import { mapSummaries } from './stage-maps.js';
import type { RunSummary, StudyView } from './view-types.js';

/** The part `study.json`. */
export async function studyView(open: OpenStudy, name: string, live: boolean): Promise<StudyView> {
  const { plan, results, stages, problems } = open;
  const notes = [...problems];
  const noted = async <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: Error) => {
      notes.push(error.message);
      return undefined;
    });
  // Of recordings no more than is needed: the page waits for this.
  const runs = results.runs.map((run): RunSummary => ({ ...run, rows: results.recordedRows(run) }));
  let sites: MapSite[] = [];
  for (const run of results.runs)
    if (sites.length === 0 && results.manifests.has(`extract/${run.name}`))
      sites = (await noted(results.recording(run).then(sitesOf))) ?? [];
  const maps = await mapSummaries(open, noted);
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
    regressor: glm.regressor?.kind ?? 'boxcar',
    nuisance: (['modulators', 'drift', 'confounds'] as const).filter((name) => glm[name] !== undefined),
    off: glm.rest === 'none' ? 'the other tasks' : 'rest',
    twin: hasTwin(open),
    sites,
    units: sites.reduce((sum, { width }) => sum + width, 0),
    maps,
    rule: networks,
    tables: Object.entries(resultTables)
      .filter(([stage]) => {
        const manifest = results.manifests.get(stage);
        return manifest !== undefined && absence(manifest) === undefined;
      })
      .map(([stage, tables]) => ({ stage, names: Object.keys(tables) })),
    stages: stages.filter(({ stage, state }) => state !== 'missing' || !stageRow(stage).byHand),
    problems: notes,
    live,
  };
}

/** Whether all runs that were recorded were recorded of the untrained twin too. */
function hasTwin({ results: { runs, manifests, noTwin } }: OpenStudy): boolean {
  const recorded = runs.filter(({ name }) => manifests.has(`extract/${name}`));
  return recorded.length > 0 && noTwin === undefined && recorded.every(({ name }) => manifests.has(`twin/${name}`));
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
