import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives all tests of a run a temporary folder of its own, and takes it away with what they leave in it. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'galvani-tests-'));
  process.env.TMPDIR = folder;
  process.env.XDG_CACHE_HOME = join(folder, 'caches');
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
