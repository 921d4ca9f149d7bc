#!/usr/bin/env node
import { runCommand } from '@galvani/terminal';
import { runProgram } from './program.js';

await runCommand(() => runProgram());
