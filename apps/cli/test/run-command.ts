import { vi } from 'vitest';
import { runProgram } from '../src/program.js';

/** Runs a command in this process; returns what it printed on standard output. Mocks are the caller's to restore. */
export async function galvani(...words: string[]): Promise<string> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(((text: string, done?: () => void) => {
    printed += text;
    done?.();
    return true;
  }) as typeof process.stdout.write);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  await runProgram(words);
  return printed;
}

/** What commands printed on standard error since it was mocked. */
export const said = (): string =>
  vi
    .mocked(process.stderr.write)
    .mock.calls.map(([text]) => text)
    .join('');
