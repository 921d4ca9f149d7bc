import type { MapDescription, Results, WholeMap } from '@galvani/results';
import { bidsPath, type Entities } from './bids-label.js';
import type { DatasetFolder } from './dataset-folder.js';
import { repetitionTime } from './events.js';
import { exportedStatistics } from './map-statistics.js';
import { layout } from './units.js';

/** Labels by names: of tasks, and of contrasts and conjunctions. */
export interface DatasetLabels {
  sub: string;
  tasks: ReadonlyMap<string, string>;
  contrasts: ReadonlyMap<string, string>;
}

/** What the `desc` entity tells apart: maps of one contrast, or of a contrast and a conjunction of one name. */
export const mapVariants = {
  'second-level': { label: 'secondlevel', says: 'of a task over sessions as random effects' },
  conjunction: { label: 'conjunction', says: 'the least of the statistics of several tasks' },
} as const;

/** Label of a session: `01`. */
export const sessionLabel = (session: number): string => String(session).padStart(2, '0');

/** Entities of a map's files. Only maps of one task bear `task`, and only those of one run `ses`. */
export function mapEntities(
  { kind, contrast, task, run }: MapDescription,
  runs: Results['runs'],
  { sub, tasks, contrasts }: DatasetLabels,
): Entities & { sub: string } {
  const ofRun = runs.find(({ name }) => name === run);
  const variant = mapVariants[kind as keyof typeof mapVariants];
  return {
    sub,
    ...(ofRun && { ses: sessionLabel(ofRun.session) }),
    ...((kind === 'second-level' || task !== undefined) && { task: tasks.get(task ?? contrast) }),
    contrast: (kind === 'contrast' || kind === 'conjunction' ? contrasts : tasks).get(contrast),
    ...(variant && { desc: variant.label }),
  };
}

/** Writes the statistics of a map, each an image, with one sidecar for all. */
export async function writeStatisticMap(
  folder: DatasetFolder,
  of: Entities & { sub: string },
  map: WholeMap,
  description: MapDescription,
): Promise<void> {
  const said: Record<string, string> = {};
  for (const { label, values, description: text, intent } of exportedStatistics(map, description)) {
    said[label] = text;
    await folder.image(bidsPath({ ...of, stat: label }, 'func', 'statmap.nii.gz'), {
      values,
      description: `galvani ${label}`,
      ...(intent && { intent }),
    });
  }
  said.flag = '0 for units that were tested, 1 for units without variation, 2 for units that are NaN or infinite.';
  await folder.image(bidsPath({ ...of, stat: 'flag' }, 'func', 'statmap.nii.gz'), {
    values: map.flags,
    description: 'galvani flag',
  });
  const { kind, name, contrast, task, noise, df, threshold, relabelled } = description;
  await folder.json(bidsPath(of, 'func', 'statmap.json'), {
    Description: `Map of the ${kind} ${kind === 'run' ? description.run : contrast}: glm/${name} of the study.`,
    ...{ Contrast: contrast, Kind: kind, TaskName: task, NoiseModel: noise, DegreesOfFreedom: df },
    ...{ RelabelledStatistic: relabelled, Threshold: threshold },
    ...{ RepetitionTime: repetitionTime, SpatialReference: 'orig', Layout: layout, Statistics: said },
  });
}
