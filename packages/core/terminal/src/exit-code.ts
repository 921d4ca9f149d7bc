import { Failure, Interrupted, UserMistake } from './mistake.js';

/** Exit codes of every galvani command. */
export const exitCode = { success: 0, failure: 1, mistake: 2, interrupted: 130 } as const;

/** What a person reads about an error, and the exit code that goes with it. A defect of galvani keeps its stack trace. */
export function explain(error: unknown): { text: string; code: number } {
  if (error instanceof UserMistake) return { text: error.message, code: exitCode.mistake };
  if (error instanceof Interrupted) return { text: error.message || 'stopped', code: exitCode.interrupted };
  if (error instanceof Failure) return { text: error.message, code: exitCode.failure };
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOSPC')
    return {
      text: 'the disk is full; nothing half-written was kept. Free some space and run the same command again.',
      code: exitCode.failure,
    };
  if (error instanceof Error) {
    const detail = code && !process.env.GALVANI_DEBUG ? error.message : (error.stack ?? error.message);
    return { text: detail, code: exitCode.failure };
  }
  return { text: String(error), code: exitCode.failure };
}

/** Runs a command to its end and sets the process's exit code; errors are printed to standard error as `galvani: …`. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const { text, code } = explain(error);
    process.stderr.write(`galvani: ${text}\n`);
    process.exitCode = code;
  }
}
