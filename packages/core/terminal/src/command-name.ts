/** How this galvani was called, for advice that a person can copy: `npx galvani`, or `galvani` where it is installed for all. */
export function commandName(): string {
  return process.env.npm_command === 'exec' ? 'npx galvani' : 'galvani';
}
