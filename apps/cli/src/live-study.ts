import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClaims } from '@galvani/artifact';
import { concatenate } from '@galvani/numerics';
import { stageRow } from '@galvani/pipeline';
import { foldersOf, readParameters, type Stage, type StudyFolder } from '@galvani/study';
import { readWholeFile } from '@galvani/terminal';
import type { LiveStudy } from '@galvani/view';

/** What the viewer may ask for that takes the model: masks and replays, one at a time. */
export function liveStudy(folder: StudyFolder, root: string, signal: AbortSignal): LiveStudy {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next;
    return next;
  };
  const reading = async <T>(read: readonly string[], work: (signal: AbortSignal) => Promise<T>) =>
    withClaims(folder, { read }, signal, work);
  return {
    mask: (task, format) =>
      inTurn(async () => {
        const { writeMask } = await import('@galvani/mask');
        const parts = await Promise.all(
          (stageRow('networks').reads as readonly Stage[]).map((each) => foldersOf(folder, each)),
        );
        const place = await mkdtemp(join(tmpdir(), 'galvani-mask-'));
        try {
          const out = join(place, `mask.${format}`);
          const read = parts.flat().map(({ name }) => name);
          await reading(read, (held) => writeMask({ study: folder.root, root, task, format, out, signal: held }));
          return await readWholeFile(out);
        } finally {
          await rm(place, { recursive: true, force: true });
        }
      }),
    replay: (site, unit) =>
      inTurn(async () => {
        const { replaySites } = await import('@galvani/replay');
        const runs = (await readParameters(folder, 'runs')).map(({ name }) => name);
        const read = ['design', ...runs.map((run) => `extract/${run}`)];
        const played = await reading(read, (held) => replaySites({ folder, root, sites: [site], runs, signal: held }));
        const parts = await Promise.all(played.map((run) => run.units(site, [unit])));
        return concatenate([new Float32Array(0), ...parts.map(([values]) => values)]);
      }),
  };
}
