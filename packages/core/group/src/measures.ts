import type { GroupStudy } from './group-study.js';
import type { ObservationRow } from './group-tables.js';
import { modelParts, partsOfModel } from './model-part.js';

/** What of a study is compared, and what it says. */
export interface Measure {
  name: string;
  says: string;
  /** Whether a mean over studies of 0 is a hypothesis that can be true. */
  tested: boolean;
  /** Of the tasks that all studies have. */
  of(study: GroupStudy, tasks: readonly string[]): Observation[];
}

type Observation = Pick<ObservationRow, 'label' | 'value'> & Partial<Pick<ObservationRow, 'chance' | 'error'>>;

const z975 = 1.959963984540054;

/** A standard error from a 95% interval, as if its distribution were normal; NaN where there is none. */
const errorOf = ({ lower, upper }: { lower: number; upper: number }) => (upper - lower) / (2 * z975);

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

/** Share of the units that count which belong to each task's network. */
function sizes({ sizes }: GroupStudy, tasks: readonly string[]): Observation[] {
  return tasks.map((task) => {
    const own = sizes.filter((row) => row.task === task);
    return { label: task, value: sum(own.map(({ members }) => members)) / sum(own.map(({ units }) => units)) };
  });
}

function besideOthers(study: GroupStudy, tasks: readonly string[]): Observation[] {
  const own = sizes(study, tasks);
  if (own.length < 2) return [];
  return own.map(({ label, value }) => ({
    ...{ label, value },
    chance: mean(own.filter((other) => other.label !== label).map((other) => other.value)),
  }));
}

/** Share of a network's members in each part of the model, where chance is the part's share of the units. Of an empty network NaN. */
function layerProfile({ sizes, layers }: GroupStudy, tasks: readonly string[]): Observation[] {
  const partOf = partsOfModel(layers);
  return tasks.flatMap((task) => {
    const own = sizes.filter((row) => row.task === task);
    return modelParts.flatMap((part) => {
      const inside = own.filter(({ layer }) => partOf.get(layer) === part);
      if (inside.length === 0) return [];
      const share = (of: (row: (typeof own)[number]) => number) => sum(inside.map(of)) / sum(own.map(of));
      return { label: `${task} @ ${part}`, value: share((row) => row.members), chance: share((row) => row.units) };
    });
  });
}

const pairLabel = (a: string, b: string) => `${a} + ${b}`;

/** Pairs of tasks, each once, in the order of the tasks. */
const pairsOf = (tasks: readonly string[]) =>
  tasks.flatMap((a, i) => tasks.slice(i + 1).map((b): [string, string] => [a, b]));

function overlap({ overlap }: GroupStudy, tasks: readonly string[]): Observation[] {
  return pairsOf(tasks).flatMap(([a, b]) =>
    overlap
      .filter((row) => row.task_a === a && row.task_b === b)
      .map((row) => ({ label: pairLabel(a, b), value: row.dice, chance: row.expected_dice, error: errorOf(row) })),
  );
}

const identification = ({ accuracy }: GroupStudy): Observation[] =>
  accuracy.map((row) => ({ label: row.level, value: row.accuracy, chance: row.chance, error: errorOf(row) }));

/** Prompts that galvani's networks identify from the model and not from its untrained twin: the difference of the two accuracies. */
const beyondTwin = ({ controls }: GroupStudy): Observation[] =>
  controls
    .filter(({ folds, features, decoder }) => folds === 'sessions' && features === 'twin' && decoder === 'networks')
    .map((row) => ({
      label: 'prompt',
      value: row.accuracy + row.difference,
      chance: row.accuracy,
      error: errorOf({ lower: row.difference_lower, upper: row.difference_upper }),
    }));

/** Distances of two tasks, whichever of them the study names first, and of tasks and rest. */
function distances({ distances }: GroupStudy, tasks: readonly string[]): Observation[] {
  const wanted = [...pairsOf(tasks), ...tasks.map((task): [string, string] => [task, 'rest'])];
  return wanted.flatMap(([a, b]) =>
    distances
      .filter(({ task_a, task_b }) => (task_a === a && task_b === b) || (task_a === b && task_b === a))
      .map((row) => ({ label: pairLabel(a, b), value: row.distance, error: row.error })),
  );
}

/** In the order in which they are told. */
export const measures: readonly Measure[] = [
  { name: 'size', says: 'share of units in a network', tested: false, of: sizes },
  {
    name: 'size beside other tasks',
    says: 'share of units in a network, less the mean of the other tasks’',
    tested: true,
    of: besideOthers,
  },
  {
    name: 'layer profile',
    says: 'share of a network’s members in a part of the model, less the part’s share of units',
    tested: true,
    of: layerProfile,
  },
  {
    name: 'overlap',
    says: 'Dice of two networks, less that of networks placed anew in their sites',
    tested: true,
    of: overlap,
  },
  {
    name: 'identification',
    says: 'accuracy among the study’s own tasks, less chance',
    tested: true,
    of: identification,
  },
  { name: 'beyond the twin', says: 'accuracy less that of the untrained twin', tested: true, of: beyondTwin },
  { name: 'distance', says: 'cross-validated distance of activity patterns', tested: true, of: distances },
];
