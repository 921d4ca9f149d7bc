import { randomStream } from '@galvani/numerics';

/** Labels of all runs, drawn anew within each session; the first labelling is the true one. */
export interface Labellings {
  /** Number of labellings, the true one among them. */
  count: number;
  sessions: number;
  tasks: number;
  /** For each labelling and session the place of the run that bears each task's label, [count x sessions x tasks]. */
  runOf: Uint16Array;
}

/** Under the null hypothesis a session's runs could have borne each other's labels, so labels are permuted within sessions. */
export function drawLabellings(tasks: number, sessions: number, permutations: number, seed: number): Labellings {
  const natural = Array.from({ length: tasks }, (_, task) => task);
  const stream = randomStream(seed, 'decode', 'permutation');
  const count = permutations + 1;
  const runOf = new Uint16Array(count * sessions * tasks);
  for (let at = 0; at < runOf.length; at += tasks)
    runOf.set(at < sessions * tasks ? natural : stream.shuffled(natural), at);
  return { count, sessions, tasks, runOf };
}

/** The choices of training runs that some labelling gives one task. */
export interface TrainingSources {
  /** Places of runs for each training session; distinct, in lexicographic order. */
  sources: number[][];
  /** For each labelling and task its number among the sources, [count x tasks]. */
  sourceOf: Int32Array;
}

/** What the networks of a fold are to be made of, for all labellings together. */
export function trainingSources({ count, sessions, tasks, runOf }: Labellings, held: number): TrainingSources {
  const training = Array.from({ length: sessions }, (_, s) => s).filter((s) => s !== held);
  const found = new Map<string, { source: number[]; at: number }>();
  const entries: { source: number[]; at: number }[] = [];
  for (let i = 0; i < count; i++)
    for (let task = 0; task < tasks; task++) {
      const source = training.map((s) => runOf[(i * sessions + s) * tasks + task]);
      const key = source.join();
      let entry = found.get(key);
      if (!entry) {
        entry = { source, at: 0 };
        found.set(key, entry);
      }
      entries.push(entry);
    }
  const ordered = [...found.values()].sort((a, b) => {
    const level = a.source.findIndex((run, s) => run !== b.source[s]);
    return level < 0 ? 0 : a.source[level] - b.source[level];
  });
  for (const [at, entry] of ordered.entries()) entry.at = at;
  return { sources: ordered.map(({ source }) => source), sourceOf: Int32Array.from(entries, ({ at }) => at) };
}
