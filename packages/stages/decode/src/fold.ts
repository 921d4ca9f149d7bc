import { concatenate } from '@galvani/numerics';
import { maximumNull, networkThreshold, planPermutations, pooledEffect } from '@galvani/statistics';
import { correctionOf, type StageParameters } from '@galvani/study';
import type { RunActivity } from './activity.js';
import { againstRest, restBaseline } from './baseline.js';
import { matchNetwork, type NetworkTemplate, networkTemplate } from './network-template.js';

/** A held-out pattern of activity and the run it comes from. */
export interface HeldOut {
  level: 'run' | 'prompt';
  /** Place of the run among those of its session. */
  run: number;
  /** Empty for a run. */
  promptId: string;
  /** In standard deviations of the training sessions' rest, [units]. */
  z: Float64Array;
}

/**
 * One session held out: thresholds and baseline come from the other sessions alone.
 *
 * `scores(source)` gives the match of every held-out pattern with the network of the training runs named by `source` (for
 * each training session the place of a run in it); the true labels are one choice of sources, a permutation is another.
 */
export interface Fold {
  session: number;
  heldOut: HeldOut[];
  /** |t| from which a unit belongs to a candidate's network, for each task. */
  thresholds: number[];
  scores(source: readonly number[], threshold: number): Float64Array;
}

export interface FoldRules {
  networks: StageParameters['networks'];
  relabellings: number;
  seed: number;
}

/**
 * @param sessions for each session its runs, all in the same order of tasks
 * @param held place of the session to hold out
 */
export async function prepareFold(
  sessions: readonly (readonly RunActivity[])[],
  held: number,
  rules: FoldRules,
): Promise<Fold> {
  const training = sessions.filter((_, s) => s !== held);
  const tasks = sessions[held].map(({ run }) => run.task);
  const baseline = restBaseline(training.flat());
  const heldOut = sessions[held].flatMap((activity, run): HeldOut[] => {
    const on = [...activity.isTask.keys()].filter((p) => activity.isTask[p]);
    return [
      { level: 'run', run, promptId: '', z: againstRest(baseline, activity, on) },
      ...on.map((p) => ({
        level: 'prompt' as const,
        run,
        promptId: activity.promptIds[p],
        z: againstRest(baseline, activity, [p]),
      })),
    ];
  });
  const thresholds: number[] = [];
  for (const place of tasks.keys()) thresholds.push(await taskThreshold(training, place, rules));
  const known = new Map<string, Float64Array>();
  return {
    session: sessions[held][0].run.session,
    heldOut,
    thresholds,
    scores(source, threshold) {
      const key = `${source.join()} ${threshold}`;
      const found = known.get(key);
      if (found) return found;
      const runs = training.map((session, s) => session[source[s]].effect);
      const template: NetworkTemplate = networkTemplate(runs, threshold, rules.networks);
      const scores = Float64Array.from(heldOut, ({ z }) => matchNetwork(template, z));
      known.set(key, scores);
      return scores;
    },
  };
}

/** Threshold of the task at `place`, from its training runs, by the study's own rule for networks. */
async function taskThreshold(
  training: readonly (readonly RunActivity[])[],
  place: number,
  { networks, relabellings, seed }: FoldRules,
): Promise<number> {
  const runs = training.map((session) => session[place]);
  const { t, df } = pooledEffect(runs.map(({ effect }) => effect));
  return networkThreshold(correctionOf(networks.correction), networks.alpha, t, df, async () => {
    const labels = runs.flatMap(({ isTask }) => [...isTask]);
    const runOf = Int32Array.from(runs.flatMap(({ isTask }, r) => [...isTask].map(() => r)));
    const names = runs.map(({ run }) => run.name).join();
    const plan = planPermutations({ labels, runs: runOf, count: relabellings, seed: `${seed} decode ${names}` });
    const gathered = maximumNull(plan);
    await gathered.add(concatenate(runs.map(({ means }) => means)));
    return gathered.finish().threshold(networks.alpha);
  });
}
