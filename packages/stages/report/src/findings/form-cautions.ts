import { parseContrast } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';
import { count, decimal, listed, mean, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { hasNoRest, offWords } from './off-blocks.js';
import { type ConditionTokens, type TokenStatistics, taskTokens, tokenStatistics } from './token-statistics.js';

/** Differences of mean entropy beyond this (nats) are worth a caution. */
const notableEntropy = 0.25;
/** Likewise of tokens of a prompt, as a share of what rest has, where more than chance makes it. */
const notableLength = 0.1;

/** Position embeddings see nothing but where a token stands, so members there betray prompts of unequal length. */
export function positions({ networks, tasks }: StudyResults): string[] {
  const named = [
    ...tasks.map((task) => ({
      name: taskName(task),
      rows: (networks.sizes ?? []).filter((row) => row.task === task),
    })),
    ...contrastNames(networks).map((contrast) => ({
      name: `the contrast “${contrast}”`,
      rows: (networks.contrast_sizes ?? []).filter((row) => row.contrast === contrast),
    })),
  ];
  const found = named.flatMap(({ name, rows }) => {
    const sum = (own: readonly { members: number }[]) => own.reduce((total, { members }) => total + members, 0);
    const there = sum(rows.filter(({ site }) => /(embed_positions|wpe|position_embeddings)$/.test(site)));
    return there > 0 ? [`${name} (${count(there)} of ${count(sum(rows))} units)`] : [];
  });
  return found.length === 0
    ? []
    : [
        `Units of the position embeddings, which see only where a token stands, are members for ${listed(found)}: the prompts that are compared there differ in how many tokens they have, and part of what survives follows length, not content.`,
      ];
}

const contrastNames = ({ contrast_sizes: rows = [] }: StudyResults['networks']) => [
  ...new Set(rows.map(({ contrast }) => contrast)),
];

/** Where prompts of a task, or of the two sides of a contrast, have more or fewer recorded tokens. */
export function lengths(results: StudyResults): string[] {
  const what = results.plan.extract.mode === 'read' ? 'Prompts' : 'Continuations';
  const found = comparisons(results).flatMap(({ name, beside, weighed, base }) => {
    const parts = weighed.map(({ weight, lengths: own }) => ({ weight, ...moments(own) }));
    const difference = parts.reduce((sum, part) => sum + part.weight * part.mean, 0);
    const error = Math.sqrt(parts.reduce((sum, part) => sum + part.weight ** 2 * part.squaredError, 0));
    const usual = mean(base.map(({ lengths: own }) => moments(own).mean));
    if (!(Math.abs(difference) > notableLength * usual && Math.abs(difference) > 3 * error)) return [];
    return [`${decimal(Math.abs(difference), 1)} tokens ${difference > 0 ? 'longer' : 'shorter'} ${name}${beside}`];
  });
  return found.length === 0
    ? []
    : [`${what} are ${listed(found)} on average, so part of what survives may follow length, not content.`];
}

/** Where the model is surer of its words than where it is compared with. */
export function certainty(results: StudyResults): string[] {
  const found = comparisons(results)
    .map(({ weighed, ...names }) => ({
      ...names,
      difference: weighed.reduce((sum, { weight, entropy }) => sum + weight * entropy, 0),
    }))
    .filter(({ difference }) => Math.abs(difference) > notableEntropy)
    .map(
      ({ name, beside, difference }) =>
        `${difference > 0 ? 'less' : 'more'} sure of its words ${name}${beside} (entropy ${decimal(Math.abs(difference))} nats ${difference > 0 ? 'higher' : 'lower'})`,
    );
  return found.length === 0
    ? []
    : [`The model is ${listed(found)}, so part of the network may follow certainty, not content.`];
}

interface Comparison {
  /** `on pathology`, `on the positive side of the contrast “…”`. */
  name: string;
  beside: string;
  /** Prompts that are compared, and how much of each sort. */
  weighed: (ConditionTokens & { weight: number })[];
  /** What a difference in length is a share of. */
  base: ConditionTokens[];
}

/** Every task against its off blocks, and every t contrast over tasks, scaled so that its positive weights add up to 1. */
function comparisons(results: StudyResults): Comparison[] {
  const rows = tokenStatistics(results);
  const tasks = rows.map(({ task }) => task);
  // Without rest a contrast has all prompts of the tasks that it weighs, and no off blocks.
  const whole = hasNoRest(results) && rows.length === results.tasks.length ? taskTokens(results) : undefined;
  return [
    ...rows.map((row) => ({
      name: `on ${taskName(row.task)}`,
      beside: ` than on ${offWords(results)}`,
      ...againstOff([{ ...row, weight: 1 }]),
    })),
    ...results.plan.glm.contrasts.flatMap(([contrast, expression]) => {
      const weights = weightsOverTasks(expression, tasks);
      if (!weights) return [];
      const [above, below] = [1, -1].map((sign) => weights.reduce((sum, own) => sum + Math.max(0, sign * own), 0));
      const scale = Math.max(above, below);
      const weighs = (_: unknown, k: number) => weights[k] !== 0;
      const scaled = <T extends object>(row: T, k: number) => ({ ...row, weight: weights[k] / scale });
      const sided = above > 0 && below > 0;
      return [
        {
          name: `${sided ? 'on the positive side of' : 'in'} the contrast “${contrast}”`,
          beside: sided ? ' than on the negative' : ' than on rest',
          ...(whole
            ? { weighed: whole.map(scaled).filter(weighs), base: whole.filter((_, k) => weights[k] < 0) }
            : againstOff(rows.map(scaled).filter(weighs))),
        },
      ];
    }),
  ];
}

/** Tasks, each against its off blocks. */
const againstOff = (
  sides: readonly (TokenStatistics & { weight: number })[],
): Pick<Comparison, 'weighed' | 'base'> => ({
  weighed: sides.flatMap(({ weight, on, off }) => [
    { ...on, weight },
    { ...off, weight: -weight },
  ]),
  base: sides.map(({ off }) => off),
});

/** Undefined for an F contrast, and for one that names regressors other than tasks. */
function weightsOverTasks(expression: string, tasks: readonly string[]): Float64Array | undefined {
  try {
    const { kind, weights } = parseContrast(expression, tasks);
    return kind === 't' ? weights[0] : undefined;
  } catch (error) {
    if (error instanceof UserMistake) return undefined;
    throw error;
  }
}

function moments(values: readonly number[]) {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return { mean: centre, squaredError: squares / (values.length - 1) / values.length };
}
