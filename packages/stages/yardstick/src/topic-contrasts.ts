import type { StoredStatistics, TopicContrast } from '@galvani/artifact';
import { concatenate, tLogTwoSided, zFromLogP } from '@galvani/numerics';
import { type OverTopics, overTopics, topicEffects } from '@galvani/statistics';
import { mapFolder } from '@galvani/study';
import type { PresentedPrompts, PresentedTopic } from './presented-topics.js';

/** A contrast of some topics against rest topics. */
export interface AskedGroup {
  name: string;
  topics: readonly string[];
}

/** The map of a contrast over topics. */
export interface TopicMap {
  /** Its folder under yardstick/. */
  folder: string;
  contrast: string;
  df: number;
  /** For each unit, over all layers. */
  statistics: StoredStatistics;
  row: TopicContrast;
}

/** What contrasts over topics take, beyond the prompts. */
export interface TopicContrastOptions {
  /** Topics that have enough prompts: all tasks, and rest topics. */
  topics: readonly PresentedTopic[];
  groups: readonly AskedGroup[];
  relabellings: number;
  alpha: number;
  seed: number;
}

/**
 * Contrasts with topics as the sample, over all of their prompts. The variance of prompts is that within rest topics.
 *
 * @returns undefined where runs do not link topics, so that some are not to be compared
 */
export function topicContrasts({ runs }: Pick<PresentedPrompts, 'runs'>, options: TopicContrastOptions) {
  const { topics, groups, relabellings, alpha, seed } = options;
  const all = layoutOf(topics, runs);
  const rest = layoutOf(
    topics.filter(({ isTask }) => !isTask),
    runs,
  );
  const effects = topicEffects(all);
  const within = topicEffects(rest);
  if (!effects || !within) return undefined;
  const contrasts = groups.map((group) => {
    const own = group.topics.map((name) => topics.findIndex((topic) => topic.name === name));
    const others = [...topics.keys()].filter((k) => !topics[k].isTask && !own.includes(k));
    const order = [...own, ...others];
    const covariance = Float64Array.from(
      order.flatMap((k) => order.map((l) => effects.covariance[k * effects.topics + l])),
    );
    const test = overTopics({
      group: own.length,
      topics: order.length,
      covariance,
      count: relabellings,
      seed: `${seed} yardstick ${group.name}`,
    });
    return { group, order, others: others.length, test, parts: [] as ReturnType<OverTopics['add']>[] };
  });
  let units = 0;
  let shares = 0;
  function addTile(means: Float64Array, stride: number, from: number, until: number): Float64Array {
    const width = until - from;
    const { effects: fitted } = effects!.fit(rowsOf(means, stride, all.rows, from, until), width);
    const { variance } = within!.fit(rowsOf(means, stride, rest.rows, from, until), width);
    for (const { order, test, parts } of contrasts) {
      const own = new Float64Array(order.length * width);
      for (const [to, k] of order.entries()) own.set(fitted.subarray(k * width, (k + 1) * width), to * width);
      parts.push(test.add(own, variance));
    }
    const { between } = contrasts[0].parts.at(-1)!;
    for (let u = 0; u < width; u++)
      if (variance[u] > 0) {
        units++;
        shares += between[u] / (between[u] + variance[u]);
      }
    return variance;
  }
  return {
    /** @param means of all prompts, [prompts x units] @returns variance of prompts within rest topics, [units]; 0 for a unit without */
    add(means: Float64Array, width: number): Float64Array {
      const found = new Float64Array(width);
      for (let from = 0; from < width; from += tile)
        found.set(addTile(means, width, from, Math.min(width, from + tile)), from);
      return found;
    },
    /** @param counted 1 for units that networks count, over all layers */
    finish(counted: Uint8Array): TopicMap[] {
      return contrasts.map(({ group, others, test, parts }): TopicMap => {
        const joined = (key: keyof (typeof parts)[number]) =>
          concatenate([new Float64Array(0), ...parts.map((part) => part[key])]);
        const [effect, t, between] = (['effect', 't', 'between'] as const).map(joined);
        const z = t.map((value) => Math.sign(value) * zFromLogP(tLogTwoSided(Math.abs(value), test.df) - Math.LN2));
        const familywise = test.finish().log10p(t);
        const strongest = t.reduce((best, value, u) => (Math.abs(value) > Math.abs(t[best] || 0) ? u : best), 0);
        const limit = Math.log10(alpha) + 1e-12;
        const folder = mapFolder('topics', group.name);
        return {
          folder,
          contrast: group.name,
          df: test.df,
          // What is left out follows: variance = (effect / t)^2, and p from t.
          statistics: {
            effect: Float32Array.from(effect),
            between: Float32Array.from(between),
            t: Float32Array.from(t),
            z: Float32Array.from(z),
            log10_p_familywise: familywise,
          },
          row: {
            contrast: group.name,
            map: folder,
            group: group.topics.join(' '),
            rest_topics: others,
            labellings: test.labellings,
            smallest_p: test.smallestP,
            units,
            members: familywise.filter((log, u) => counted[u] && log <= limit).length,
            largest_t: t[strongest],
            p: 10 ** familywise[strongest],
            between_share: shares / units,
          },
        };
      });
    },
  };
}

/** Units that are fitted at a time, so that their prompts stay in the cache. */
const tile = 256;

function layoutOf(topics: readonly PresentedTopic[], runs: Int32Array) {
  const pairs = topics.flatMap(({ rows }, k) => rows.map((row) => ({ row, k }))).sort((a, b) => a.row - b.row);
  return {
    rows: pairs.map(({ row }) => row),
    topic: Int32Array.from(pairs, ({ k }) => k),
    runs: Int32Array.from(pairs, ({ row }) => runs[row]),
  };
}

/** Units `from` to before `until` of some rows of [prompts x units]. */
function rowsOf(
  means: Float64Array,
  units: number,
  rows: readonly number[],
  from: number,
  until: number,
): Float64Array {
  const out = new Float64Array(rows.length * (until - from));
  for (const [to, row] of rows.entries())
    out.set(means.subarray(row * units + from, row * units + until), to * (until - from));
  return out;
}
