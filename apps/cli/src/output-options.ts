import type { OutputMode } from '@galvani/terminal';
import { Option } from 'commander';

/** Of the objects that `--json` prints: a larger number where a field went or came to mean another thing. */
export const jsonShape = 1;

const flags = { json: '--json', quiet: '--quiet', verbose: '--verbose' };

/** Options of every command, which may stand before and after its name. */
export const outputOptions = (): Option[] => [
  new Option(flags.json, 'results as one JSON object on standard output, and nothing else there'),
  new Option(flags.quiet, 'results, warnings and mistakes alone: no progress, no remarks').conflicts('verbose'),
  new Option(flags.verbose, 'also what is read, where it comes from, versions and times'),
];

/** What words of a command line say of its output. */
export function wantedOutput(words: readonly string[]): OutputMode {
  const end = words.indexOf('--');
  const given = end === -1 ? words : words.slice(0, end);
  const has = (flag: string) => given.includes(flag);
  return { json: has(flags.json), level: has(flags.quiet) ? 'quiet' : has(flags.verbose) ? 'verbose' : 'usual' };
}
