import { existsSync } from 'node:fs';
import { type MapDescription, openResults, type Results } from '@galvani/results';
import { readPlan, type StudyFolder } from '@galvani/study';
import { startProgress, UserMistake } from '@galvani/terminal';
import { bidsLabels, bidsPath } from './bids-label.js';
import { type DatasetFolder, writeDataset } from './dataset-folder.js';
import { subjectName, writeDescription } from './description.js';
import { designSidecar, designText, taskDesign } from './design.js';
import { eventsSidecar, eventsText } from './events.js';
import { writeNetwork } from './networks.js';
import { type DatasetLabels, mapEntities, sessionLabel, writeStatisticMap } from './statistic-maps.js';
import { writeUnits } from './units.js';

/** What was written. */
export interface ExportedBids {
  /** The subject's folder in it: `sub-frog`. */
  subject: string;
  runs: number;
  maps: number;
  files: number;
  bytes: number;
}

/**
 * Writes a study's results as a BIDS-derivatives dataset (docs/bids.md): for each run events, for each task its design matrix and network, for
 * each map its statistics as NIfTI-2. The folder appears whole or not at all; the same study gives the same bytes.
 *
 * @param out the folder to write, which is not there yet
 * @throws UserMistake where `out` is there, Failure where recordings or maps are missing, damaged or of another plan
 */
export async function exportBids(folder: StudyFolder, out: string, signal?: AbortSignal): Promise<ExportedBids> {
  if (existsSync(out)) throw new UserMistake(`--out ${out} is there already: name a folder that is not, or delete it.`);
  // Volumes are what was recorded, those after the end of a text too. The stage networks reads what is exported, and has to have all of it.
  const results = await openResults(folder, 'networks', signal, { afterEnd: 'keep', transform: 'none' });
  const { runs } = results;
  const maps = results.glm?.maps ?? [];
  const { extract, networks, report, glm } = await readPlan(folder);
  const labels: DatasetLabels = {
    sub: subjectName(extract.model).label,
    tasks: bidsLabels(
      runs.map(({ task }) => task),
      'task',
    ),
    contrasts: contrastLabels(maps, runs),
  };
  const progress = startProgress('export', runs.length + maps.length, 'runs and maps');
  try {
    const written = await writeDataset(out, async (files) => {
      const prompts = new Map<string, number>();
      for (const run of runs) {
        signal?.throwIfAborted();
        const { events, tokens } = await results.recording(run);
        prompts.set(run.name, events.length);
        const path = (suffix: string) =>
          bidsPath(
            { sub: labels.sub, ses: sessionLabel(run.session), task: labels.tasks.get(run.task) },
            'func',
            suffix,
          );
        await files.text(path('events.tsv'), eventsText(events, tokens));
        await files.json(path('events.json'), eventsSidecar(run.task, glm.afterEnd === 'keep'));
        progress.advance(1);
      }
      await writeDesigns(files, results, labels, prompts);
      let units: { units: number; sites: number } | undefined;
      for (const description of maps) {
        signal?.throwIfAborted();
        const map = await results.map(description.name);
        if (!units) {
          await writeUnits(files, labels.sub, map);
          units = { units: map.flags.length, sites: map.sites.length };
        }
        const of = mapEntities(description, runs, labels);
        await writeStatisticMap(files, of, map, description);
        if (description.kind === 'task')
          await writeNetwork(files, { sub: of.sub, task: of.task }, map, description, networks);
        else if (description.kind === 'contrast' || description.kind === 'conjunction')
          await writeNetwork(files, of, map, description, networks);
        progress.advance(1);
      }
      await writeDescription(files, {
        ...{ report, labels, model: extract.model, recording: results.manifests.get(`extract/${runs[0].name}`) },
        ...(units ?? { units: 0, sites: 0 }),
      });
    });
    return {
      ...{ subject: `sub-${labels.sub}`, runs: runs.length, maps: maps.length },
      ...written,
    };
  } finally {
    progress.finish();
  }
}

/** Labels of contrasts and conjunctions, none of them that of a task's own contrast. */
function contrastLabels(maps: readonly MapDescription[], runs: Results['runs']): Map<string, string> {
  const tasks = [...new Set(runs.map(({ task }) => task))];
  const named = maps.filter(({ kind }) => kind === 'contrast' || kind === 'conjunction');
  // A contrast that has a task's name is another map all the same: the space keeps the two names apart, and is in no label.
  const labels = bidsLabels([...tasks, ...named.map(({ contrast }) => `${contrast} `)], 'contrast');
  return new Map(named.map(({ contrast }) => [contrast, labels.get(`${contrast} `)!]));
}

/** Writes the design matrix of each task. @param prompts number of each run */
async function writeDesigns(
  files: DatasetFolder,
  results: Pick<Results, 'runs' | 'tables' | 'glm'>,
  { sub, tasks }: DatasetLabels,
  prompts: ReadonlyMap<string, number>,
): Promise<void> {
  const { design = [] } = await results.tables('glm', ['design']);
  for (const [task, label] of tasks) {
    const own = results.runs.filter((run) => run.task === task);
    const matrix = taskDesign(
      design,
      task,
      own.map((run) => ({ run, prompts: prompts.get(run.name)! })),
    );
    const path = (suffix: string) => bidsPath({ sub, task: label }, 'func', suffix);
    const noise = results.glm?.maps.find((map) => map.kind === 'task' && map.task === task)?.noise;
    await files.text(path('design.tsv'), designText(matrix));
    await files.json(path('design.json'), designSidecar(task, matrix, noise));
  }
}
