/**
 * Given to Node with `--import`: files are not synced to the disk. A test's files outlast no crash of the machine, and waiting for
 * the disk took longer than many tests. That what is written is synced before it gets its name is tested in
 * packages/core/artifact/test/synced.test.ts.
 */
import { open } from 'node:fs/promises';

const file = await open(process.execPath);
const handle = Object.getPrototypeOf(file);
await file.close();
handle.sync = async () => {};
