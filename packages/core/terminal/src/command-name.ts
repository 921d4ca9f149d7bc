/** How a person runs galvani, so that advice can be copied. */
export interface Caller {
  /** The words before a command's name: `galvani`, or `npx galvani` where it is installed in a folder. */
  command: string;
  /** The study's project, where Nx runs one of its targets. */
  project?: string;
}

const installed: Caller = { command: 'galvani' };
let caller = installed;

/** Says once, at the start of a process, how it was called. Default: as `galvani`. */
export function setCaller(called: Caller = installed): void {
  caller = called;
}

/** How a galvani that is started by its own name was called: npm tells what it starts, whose folder of commands no shell knows. */
export const commandCaller = (): Caller => ({ command: process.env.npm_command ? 'npx galvani' : 'galvani' });

/**
 * A command as a person runs it here: `galvani glm`, `npx galvani glm`, or `npx nx run pipeline:glm`. All advice that names a command is
 * made of this; what an artifact says of commands is not, since its bytes do not depend on who made it.
 *
 * @param words the command, with what follows it: `store verify --drop`
 * @param target the target of a study's project that does the same, where there is one
 */
export function advised(words: string, target?: string): string {
  const { command, project } = caller;
  return project === undefined || target === undefined ? `${command} ${words}` : `npx nx run ${project}:${target}`;
}
