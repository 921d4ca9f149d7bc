import type { UnitEffectIcc, UnitIccQuantile } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import {
  chooseRuns,
  emptyMoments,
  intraclassCoefficients,
  intraclassCorrelation,
  jackknife,
  type MapProducts,
  mapProducts,
  ratingMoments,
  relabelledP,
} from '@galvani/statistics';
import { mostRelabellings } from './reliability.js';
import { leftOut, type SessionMaps } from './session-maps.js';

/**
 * Rows of `icc.parquet`.
 * @param networks members of each task's network as 1 and -1, [tasks] of [units]
 */
export function iccRows(maps: SessionMaps, networks: readonly Int8Array[]): UnitEffectIcc[] {
  const { tasks, sessions, d } = maps;
  const whole = mapProducts(d);
  const choices = chooseRuns(tasks.length, sessions.length, mostRelabellings, 1);
  const relabelled = Float64Array.from(
    choices.runs,
    (places) =>
      intraclassCoefficients(
        momentsOf(
          whole,
          places.map((place, s) => s * tasks.length + place),
        ),
      ).consistency,
  );
  return tasks.flatMap((task, t) => {
    const own = sessions.map((_, s) => d[s * tasks.length + t]);
    const runs = sessions.map((_, s) => s * tasks.length + t);
    const members = mapProducts(own, networks[t]);
    const all = iccRow(whole, runs);
    const tested = tasks.length > 1;
    return [
      {
        ...{ task, units: 'all', ...all },
        p: tested ? relabelledP(all.consistency, relabelled, choices.exhaustive) : Number.NaN,
        labellings: tested ? relabelled.length : 0,
        exhaustive: choices.exhaustive,
      },
      // Members were chosen by the true labels, so that other labels are no fair comparison.
      {
        ...{ task, units: 'network', ...iccRow(members, leftOut(sessions.length).all) },
        ...{ p: Number.NaN, labellings: 0, exhaustive: false },
      },
    ];
  });
}

/** What the maps of some runs hold, of products of more. */
function momentsOf({ products, means, units }: MapProducts, runs: readonly number[]) {
  return {
    targets: units,
    judges: runs.length,
    means: Float64Array.from(runs, (run) => means[run]),
    products: Float64Array.from(runs.flatMap((a) => runs.map((b) => products[a * means.length + b]))),
  };
}

function iccRow(maps: MapProducts, runs: readonly number[]) {
  const found = intraclassCorrelation(momentsOf(maps, runs));
  const left = leftOut(runs.length).without.map((some) =>
    intraclassCoefficients(
      momentsOf(
        maps,
        some.map((s) => runs[s]),
      ),
    ),
  );
  const spread = (of: 'agreement' | 'consistency') => {
    const { lower, upper } = jackknife(
      Math.atanh(found[of]),
      left.map((own) => Math.atanh(own[of])),
    );
    return { lower: Math.tanh(lower), upper: Math.tanh(upper) };
  };
  const [agreement, consistency] = [spread('agreement'), spread('consistency')];
  return {
    targets: maps.units,
    sessions: runs.length,
    agreement: found.agreement,
    agreement_lower: agreement.lower,
    agreement_upper: agreement.upper,
    agreement_f_lower: found.agreementInterval.lower,
    agreement_f_upper: found.agreementInterval.upper,
    consistency: found.consistency,
    consistency_lower: consistency.lower,
    consistency_upper: consistency.upper,
    consistency_f_lower: found.consistencyInterval.lower,
    consistency_f_upper: found.consistencyInterval.upper,
  };
}

const quantiles = [0.01, 0.05, ...Array.from({ length: 9 }, (_, i) => (i + 1) / 10), 0.95, 0.99];

/** Times that each unit's tasks are exchanged. */
const exchanges = 5;

/**
 * Rows of `unit_icc.parquet`; none for one task.
 * @param networks as for iccRows
 */
export function unitIccRows({ tasks, sessions, d }: SessionMaps, networks: readonly Int8Array[]): UnitIccQuantile[] {
  const [T, S] = [tasks.length, sessions.length];
  if (T < 2) return [];
  const units = [...d[0].keys()].filter((u) => d.every((map) => Number.isFinite(map[u])));
  const stream = randomStream(1, 'tasks of units exchanged');
  const natural = Array.from({ length: T }, (_, t) => t);
  const orders = Array.from({ length: exchanges }, () => Array.from({ length: S }, () => stream.shuffled(natural)));
  const ratings = new Float64Array(T * S);
  const moments = emptyMoments(S);
  const member = (u: number) => networks.some((own) => own[u] !== 0);
  return (['all', 'network'] as const).flatMap((which) => {
    const own = which === 'all' ? units : units.filter(member);
    return (['own', 'exchanged'] as const).flatMap((which_tasks) => {
      const asked = which_tasks === 'own' ? [undefined] : orders;
      const agreements = new Float64Array(asked.length * own.length);
      const consistencies = new Float64Array(agreements.length);
      let to = 0;
      for (const order of asked)
        for (const u of own) {
          for (let t = 0, at = 0; t < T; t++)
            for (let s = 0; s < S; s++) ratings[at++] = d[s * T + (order?.[s][t] ?? t)][u];
          const found = intraclassCoefficients(ratingMoments(ratings, S, moments));
          agreements[to] = found.agreement;
          consistencies[to++] = found.consistency;
        }
      const agreement = quantilesOf(agreements);
      const consistency = quantilesOf(consistencies);
      return quantiles.map((quantile, q) => ({
        ...{ units: which, tasks: which_tasks, targets: own.length, quantile },
        agreement: agreement[q],
        consistency: consistency[q],
      }));
    });
  });
}

/** Between order statistics, linearly; NaN is none. */
function quantilesOf(values: Float64Array): number[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const n = sorted.length;
  return quantiles.map((quantile) => {
    if (n === 0) return Number.NaN;
    const at = quantile * (n - 1);
    const low = Math.floor(at);
    return sorted[low] + (at - low) * (sorted[Math.min(low + 1, n - 1)] - sorted[low]);
  });
}
