import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredStatistics } from '@galvani/artifact';
import { makeFolder, whileWriting } from '@galvani/terminal';

/**
 * Statistics of maps that wait on disk until every layer is there: corrections need the whole family of units, and all maps
 * of a large model at once need not fit in memory.
 */
export interface MapSpill {
  write(map: string, layer: string, statistics: StoredStatistics): Promise<void>;
  /** All statistics of a layer in the order in which they were written, or the named ones. */
  read(map: string, layer: string, names?: readonly string[]): Promise<StoredStatistics>;
  remove(): Promise<void>;
}

/** @param folder is made, and removed at the end */
export async function createMapSpill(folder: string): Promise<MapSpill> {
  await rm(folder, { recursive: true, force: true });
  await whileWriting(folder, () => makeFolder(folder));
  const contents = new Map<string, { path: string; columns: SpilledColumn[]; units: number }>();
  return {
    async write(map, layer, statistics) {
      const path = join(folder, `${contents.size}.columns`);
      const arrays = Object.values(statistics);
      let at = 0;
      const columns = Object.entries(statistics).map(([name, values]): SpilledColumn => {
        const from = at;
        at += values.byteLength;
        return { name, single: values instanceof Float32Array, from };
      });
      contents.set(`${map}/${layer}`, { path, columns, units: arrays[0].length });
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
      const { path, columns, units } = contents.get(`${map}/${layer}`)!;
      const handle = await open(path, 'r');
      try {
        const found: StoredStatistics = {};
        for (const { name, single, from } of columns) {
          if (wanted && !wanted.includes(name)) continue;
          found[name] = single ? new Float32Array(units) : new Float64Array(units);
          const bytes = bytesOf(found[name]);
          for (let at = 0; at < bytes.length; ) {
            const { bytesRead } = await handle.read(bytes, at, bytes.length - at, from + at);
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

/** A column of a file of the spill. */
interface SpilledColumn {
  name: string;
  /** Whether it is float32. */
  single: boolean;
  /** Its first byte. */
  from: number;
}

const bytesOf = (array: Float32Array | Float64Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
