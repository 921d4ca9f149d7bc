/** A run's part in the order of batches. One that computes nothing takes none. */
export interface BatchTurn {
  /** Says which runs the batch holds, when all is ready for it, and waits for the turn of its computation. */
  begin(runs: readonly string[]): Promise<void>;
  /** Says that the model has done its part, and the batch's files are being ended. */
  computed(): void;
  /** Whether other batches are being made ready or ended meanwhile. */
  others(): boolean;
}

export type DealWithRun = (run: string, signal: AbortSignal, turn: BatchTurn) => Promise<void>;

/**
 * Deals with runs in their order. While one batch is computed the next is made ready, and the disk takes the files of the last: beside a
 * model each answer of the file system comes late. The files of one batch at most are ended beside the model; a run whose files are among them
 * waits for that.
 *
 * @throws what went wrong first. By then nothing goes on: what had begun was told to stop, through its signal
 */
export async function overlappingRuns(
  runs: readonly string[],
  signal: AbortSignal,
  dealWith: DealWithRun,
): Promise<void> {
  const broken = new AbortController();
  const either = AbortSignal.any([signal, broken.signal]);
  /** Runs that are dealt with, without those that are computed or only wait for it. */
  const busy = new Set<string>();
  const attempt = async (run: string, begin: BatchTurn['begin'], computed: () => void) => {
    busy.add(run);
    const turn = {
      begin: (held: readonly string[]) => {
        busy.delete(run);
        return begin(held);
      },
      computed: () => {
        busy.add(run);
        computed();
      },
      others: () => busy.size > 0,
    };
    try {
      if (!either.aborted) await dealWith(run, either, turn);
    } catch (error) {
      broken.abort(error);
    } finally {
      computed();
      busy.delete(run);
    }
  };
  /** The end of the batch that holds a run. */
  const ends = new Map<string, Promise<void>>();
  const begun: Promise<void>[] = [];
  /** When the next batch may be computed, and when the last is whole. */
  let next: Promise<unknown> = Promise.resolve();
  let whole: Promise<void> = Promise.resolve();
  for (const run of runs) {
    if (either.aborted) break;
    const end = ends.get(run);
    if (end) {
      // What was not kept of it is computed now, whoever's turn it is.
      begun.push(
        end.then(() =>
          attempt(
            run,
            async () => {},
            () => {},
          ),
        ),
      );
      continue;
    }
    const mine = next;
    const [isReady, ready] = promised<readonly string[]>();
    const [isComputed, computed] = promised<void>();
    const begin = async (held: readonly string[]) => {
      ready(held);
      await mine;
    };
    const done = attempt(run, begin, computed);
    begun.push(done);
    const beside = await Promise.race([isReady, done]);
    if (!beside) continue;
    for (const each of beside) ends.set(each, done);
    const before = whole;
    next = isComputed.then(() => before);
    whole = done;
    // One batch is ready at most.
    await mine;
  }
  await Promise.all(begun);
  // What was told to stop stopped with the reason of the first to fail.
  either.throwIfAborted();
}

/** A promise and what keeps it. */
function promised<T>(): [promise: Promise<T>, keep: (value: T) => void] {
  let keep: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    keep = resolve;
  });
  return [promise, keep];
}
