#!/usr/bin/env node
import { runCommand } from '@galvani/terminal';
import { program } from './program.js';

await runCommand(async () => {
  await program().parseAsync();
});
