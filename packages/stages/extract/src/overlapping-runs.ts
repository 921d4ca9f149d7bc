/** How a run is dealt with: `computed` is told when the model has done its part, with all runs whose files are being ended then. */
export type DealWithRun = (
  run: string,
  signal: AbortSignal,
  computed: (runs: readonly string[]) => void,
) => Promise<void>;

/**
 * Deals with runs in their order, and begins the next when the model is done with the last: while the disk takes the files of one batch
 * the next is computed. The files of one batch at most are ended beside the model; a run whose files are among them waits for that.
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
  const attempt = async (run: string, computed: (runs: readonly string[]) => void) => {
    if (either.aborted) return;
    try {
      await dealWith(run, either, computed);
    } catch (error) {
      broken.abort(error);
    }
  };
  /** The end of the batch that holds a run. */
  const ends = new Map<string, Promise<void>>();
  const begun: Promise<void>[] = [];
  let ending: Promise<void> = Promise.resolve();
  for (const run of runs) {
    if (either.aborted) break;
    const end = ends.get(run);
    if (end) {
      begun.push(end.then(() => attempt(run, () => {})));
      continue;
    }
    let computed: (runs: readonly string[]) => void = () => {};
    const isComputed = new Promise<readonly string[]>((resolve) => {
      computed = resolve;
    });
    const done = attempt(run, computed);
    begun.push(done);
    const beside = await Promise.race([isComputed, done]);
    if (!beside) continue;
    for (const each of beside) ends.set(each, done);
    await ending;
    ending = done;
  }
  await Promise.all(begun);
  // What was told to stop stopped with the reason of the first to fail.
  either.throwIfAborted();
}
