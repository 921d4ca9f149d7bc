#!/usr/bin/env node
// npm links this file before anything is built, so it cannot be the built one.
import { existsSync } from 'node:fs';

const built = new URL('../bundle/galvani.js', import.meta.url);
import(built.href).catch((error) => {
  if (!['ERR_MODULE_NOT_FOUND', 'ENOENT', 'EMFILE', 'ENFILE'].includes(error.code)) throw error;
  const text = existsSync(built)
    ? `a part of galvani could not be loaded (${error.message}). Where a build is at work wait for its end, else run \`npm ci && npm run build\`; where many files are open, raise the limit (ulimit -n).`
    : 'galvani is not built yet: run `npm run build` first.';
  process.stderr.write(`galvani: ${text}\n`);
  process.exitCode = 1;
});
