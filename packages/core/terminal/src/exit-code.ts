import { appendFileSync } from 'node:fs';
import { guardOutput } from './guarded-stream.js';
import { Failure, Interrupted, UserMistake } from './mistake.js';
import { lostAnswer, warn } from './print.js';
import { describeSystemError, isSystemError } from './system-error.js';

/** Exit codes of every galvani command. */
export const exitCode = { success: 0, failure: 1, mistake: 2, interrupted: 130 } as const;

const wholeAgain =
  'Where a build is at work wait for its end, else run `npm ci && npm run build`; then run the same command again.';

/** What a person reads about an error, and the exit code that goes with it. A defect of galvani keeps its stack trace. */
export function explain(error: unknown): { text: string; code: number } {
  if (error instanceof UserMistake) return { text: error.message, code: exitCode.mistake };
  if (error instanceof Interrupted) return { text: error.message || 'stopped', code: exitCode.interrupted };
  if (error instanceof Failure) return { text: error.message, code: exitCode.failure };
  if (isSystemError(error)) {
    const { reason, cure } = describeSystemError(error);
    const path = error.path ?? '';
    return { text: `${path}${path && ': '}${reason}. ${cure}`, code: exitCode.failure };
  }
  // Commands load their stages when they are asked for one, and a build may be replacing these.
  if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
    return { text: `a part of galvani could not be loaded (${error.message}). ${wholeAgain}`, code: exitCode.failure };
  if (error instanceof Error) return { text: error.stack ?? error.message, code: exitCode.failure };
  return { text: String(error), code: exitCode.failure };
}

/** Runs a command to its end and sets the process's exit code; errors are printed to standard error as `galvani: …`. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  guardOutput();
  let failed: unknown;
  try {
    await main();
  } catch (error) {
    failed = error;
  }
  const lost = await lostAnswer();
  if (lost) failed ??= new Failure(`standard output could not be written: ${explain(lost).text}`);
  if (failed === undefined) return;
  const { text, code } = explain(failed);
  warn(text);
  process.exitCode = code;
  recordExitCode(code);
}

/** Tells the Nx plugin (packages/nx-plugin/exit-code.mjs) what Nx itself forgets: the code with which its task ended. */
function recordExitCode(code: number): void {
  const path = process.env.GALVANI_EXIT_CODES;
  try {
    if (path) appendFileSync(path, `${code}\n`);
  } catch {
    // Nx then says 1; the code of this process is right all the same.
  }
}
