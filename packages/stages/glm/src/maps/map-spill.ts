import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredStatistics } from '@galvani/artifact';
import { makeFolder, whileWriting } from '@galvani/terminal';

/** Statistics of maps that wait on disk. */
export interface StoredMaps {
  /** All statistics of a layer in the order in which they were written, or the named ones. */
  read(map: string, layer: string, names?: readonly string[]): Promise<StoredStatistics>;
}

/**
 * Statistics of maps that wait on disk until every layer is there: corrections need the whole family of units, and all maps
 * of a large model at once need not fit in memory.
 */
export interface MapSpill extends StoredMaps {
  write(map: string, layer: string, statistics: StoredStatistics): Promise<void>;
  /** What was written, so that another process finds it. */
  stored(): StoredMap[];
  remove(): Promise<void>;
}

/** A file with the statistics of a map in a layer, one after another. */
export interface StoredMap {
  map: string;
  layer: string;
  /** In the spill's folder. */
  file: string;
  columns: SpilledColumn[];
  units: number;
}

/** A column of such a file. */
interface SpilledColumn {
  name: string;
  /** Whether it is float32. */
  single: boolean;
  /** Its first byte. */
  from: number;
}

/** @param folder is made, and removed at the end */
export async function createMapSpill(folder: string): Promise<MapSpill> {
  await rm(folder, { recursive: true, force: true });
  await whileWriting(folder, () => makeFolder(folder));
  const stored: StoredMap[] = [];
  const contents = new Map<string, StoredMap & { folder: string }>();
  return {
    async write(map, layer, statistics) {
      const arrays = Object.values(statistics);
      let at = 0;
      const columns = Object.entries(statistics).map(([name, values]): SpilledColumn => {
        const from = at;
        at += values.byteLength;
        return { name, single: values instanceof Float32Array, from };
      });
      const own = { map, layer, file: `${stored.length}.columns`, columns, units: arrays[0].length };
      stored.push(own);
      contents.set(keyOf(map, layer), { ...own, folder });
      const path = join(folder, own.file);
      await whileWriting(path, async () => {
        const handle = await open(path, 'w');
        try {
          for (const array of arrays) await handle.writeFile(bytesOf(array));
        } finally {
          await handle.close();
        }
      });
    },
    stored: () => stored,
    ...readingFrom(contents),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What other processes wrote to spills. */
export function openMapSpills(spills: readonly { folder: string; stored: readonly StoredMap[] }[]): StoredMaps {
  const all = spills.flatMap(({ folder, stored }) => stored.map((each) => ({ ...each, folder })));
  return readingFrom(new Map(all.map((each) => [keyOf(each.map, each.layer), each])));
}

const keyOf = (map: string, layer: string) => `${map}/${layer}`;

function readingFrom(contents: ReadonlyMap<string, StoredMap & { folder: string }>): StoredMaps {
  return {
    async read(map, layer, wanted) {
      const { folder, file, columns, units } = contents.get(keyOf(map, layer))!;
      const path = join(folder, file);
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
  };
}

const bytesOf = (array: Float32Array | Float64Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
