import { dirname, join } from 'node:path';
import { readTextFile, UserMistake } from '@galvani/terminal';
import { JsonCursor } from './json-cursor.js';

/** The shards that an index (`*.index.json`) names, each with the tensors that it must hold. */
export async function readShardIndex(path: string): Promise<Map<string, string[]>> {
  const shards = new Map<string, string[]>();
  const cursor = new JsonCursor(await readTextFile(path), path);
  let found = false;
  cursor.object((key) => {
    if (key !== 'weight_map') return cursor.skip(16);
    found = true;
    cursor.object((tensor) => {
      const shard = cursor.string();
      // A shard lies beside its index; anything else could make us read outside the model's folder.
      if (!/^[\w.+-]+$/.test(shard) || /^\.+$/.test(shard))
        throw cursor.mistake(`the shard ${JSON.stringify(shard.slice(0, 200))} is not a plain file name`);
      const file = join(dirname(path), shard);
      const held = shards.get(file);
      if (held) held.push(tensor);
      else shards.set(file, [tensor]);
    });
  });
  cursor.end();
  if (!found || shards.size === 0) throw new UserMistake(`${path} has no weight_map, so it names no shard.`);
  return shards;
}
