/**
 * `node fingerprint.mjs PATH` prints what a task depends on where Nx hashes no content, because the files lie outside the workspace or
 * are ignored by git.
 */
import { pathFingerprint } from './path-fingerprint.mjs';

console.log(pathFingerprint(process.argv[2] ?? '.'));
