import { UserMistake } from '@galvani/terminal';

/** Folder under glm/ of the map of a contrast or a conjunction: lower-case letters, digits and dashes, as every disk has them. */
export function mapFolder(kind: 'contrast' | 'conjunction', name: string): string {
  return `${kind}-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
}

/** @throws UserMistake for two names that would be written to one folder; `where` locates the second */
export function requireOwnFolders(
  kind: 'contrast' | 'conjunction',
  names: readonly string[],
  where: (name: string) => string,
): void {
  const owners = new Map<string, string>();
  for (const name of names) {
    const folder = mapFolder(kind, name);
    const other = owners.get(folder);
    if (other !== undefined)
      throw new UserMistake(
        `${where(name)}: '${other}' and '${name}' would both be written to glm/${folder}: give one of them another name.`,
      );
    owners.set(folder, name);
  }
}
