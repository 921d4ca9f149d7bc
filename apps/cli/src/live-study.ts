import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClaims } from '@galvani/artifact';
import { concatenate } from '@galvani/numerics';
import { readParameters, type StudyFolder } from '@galvani/study';
import { readWholeFile } from '@galvani/terminal';
import type { LiveStudy } from '@galvani/view';
import { maskParts } from './mask-parts.js';

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
    mask: (task, format, selected) =>
      inTurn(async () => {
        const { writeMask } = await import('@galvani/mask');
        const place = await mkdtemp(join(tmpdir(), 'galvani-mask-'));
        try {
          const out = join(place, `mask.${format}`);
          const selection = selected?.map(({ site, units, signs }) => ({
            ...{ site, units: Int32Array.from(units), signs: Int8Array.from(signs) },
          }));
          const request = { study: folder.root, root, task, selection, format, out };
          await reading(await maskParts(folder), (held) => writeMask({ ...request, signal: held }));
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
        const sites = [{ site, units: [unit] }];
        const played = await reading(read, (held) => replaySites({ folder, root, sites, runs, signal: held }));
        const parts = await Promise.all(played.map((run) => run.rows(site, [unit])));
        return concatenate([new Float32Array(0), ...parts]);
      }),
  };
}
