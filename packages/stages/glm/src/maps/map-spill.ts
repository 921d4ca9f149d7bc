import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MapStatistics } from '@galvani/artifact';
import { makeFolder, whileWriting } from '@galvani/terminal';

/**
 * Statistics of maps that wait on disk until every layer is there: corrections need the whole family of units, and all maps
 * of a large model at once need not fit in memory.
 */
export interface MapSpill {
  write(map: string, layer: string, statistics: MapStatistics): Promise<void>;
  /** All statistics of a layer in the order in which they were written, or the named ones. */
  read(map: string, layer: string, names?: readonly string[]): Promise<MapStatistics>;
  remove(): Promise<void>;
}

/** @param folder is made, and removed at the end */
export async function createMapSpill(folder: string): Promise<MapSpill> {
  await rm(folder, { recursive: true, force: true });
  await whileWriting(folder, () => makeFolder(folder));
  const contents = new Map<string, { path: string; names: string[]; units: number }>();
  return {
    async write(map, layer, statistics) {
      const path = join(folder, `${contents.size}.f64`);
      const arrays = Object.values(statistics);
      contents.set(`${map}/${layer}`, { path, names: Object.keys(statistics), units: arrays[0].length });
      await whileWriting(path, async () => {
        const handle = await open(path, 'w');
        try {
          for (const array of arrays) await handle.writeFile(bytesOf(array));
        } finally {
          await handle.close();
        }
      });
    },
    async read(map, layer, wanted) {
      const { path, names, units } = contents.get(`${map}/${layer}`)!;
      const handle = await open(path, 'r');
      try {
        const found: MapStatistics = {};
        for (const [k, name] of names.entries()) {
          if (wanted && !wanted.includes(name)) continue;
          found[name] = new Float64Array(units);
          const bytes = bytesOf(found[name]);
          for (let at = 0; at < bytes.length; ) {
            const { bytesRead } = await handle.read(bytes, at, bytes.length - at, k * units * 8 + at);
            if (bytesRead === 0) throw new Error(`${path} ended early`);
            at += bytesRead;
          }
        }
        return found;
      } finally {
        await handle.close();
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const bytesOf = (array: Float64Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
