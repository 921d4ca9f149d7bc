/**
 * Removes from every package's dist what no source makes any more. The compiler leaves it there, where it would count as the code
 * that a recording was made with, and be published.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../', import.meta.url));

for (const family of ['packages/core', 'packages/stages', 'apps'])
  for (const name of readdirSync(join(home, family))) {
    const [dist, src] = ['dist', 'src'].map((folder) => join(home, family, name, folder));
    const files = existsSync(dist) ? readdirSync(dist, { recursive: true, encoding: 'utf8' }) : [];
    for (const file of files) {
      const stem = /^(.*?)\.(?:d\.m?ts|m?js)(?:\.map)?$/.exec(file)?.[1];
      if (stem !== undefined && !['.ts', '.tsx', '.mjs'].some((end) => existsSync(join(src, stem + end))))
        rmSync(join(dist, file));
    }
  }
