#!/usr/bin/env node
// npm links this file before anything is built, so it cannot be the built one.
import('../dist/galvani.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write('galvani: galvani is not built yet: run `npm run build` first.\n');
  process.exitCode = 1;
});
