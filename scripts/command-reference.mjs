// Writes docs/commands.md, the reference of the command line, from the program as it is built.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = (/** @type {string} */ name) => new URL(`../apps/cli/dist/${name}.js`, import.meta.url).href;
const { commandReference } = await import(built('command-reference'));
const { program } = await import(built('program'));
writeFileSync(fileURLToPath(new URL('../docs/commands.md', import.meta.url)), commandReference(program()));
