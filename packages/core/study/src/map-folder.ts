import { UserMistake } from '@galvani/terminal';

/** Kinds of maps whose names a person chooses. */
type NamedKind = 'contrast' | 'conjunction' | 'topics';

/** Folder of the map of a contrast, a conjunction (under glm/) or a group of topics (under yardstick/): lower-case letters, digits and dashes, as every disk has them. */
export function mapFolder(kind: NamedKind, name: string): string {
  return `${kind}-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
}

/** @throws UserMistake for two names that would be written to one folder; `where` locates the second */
export function requireOwnFolders(kind: NamedKind, names: readonly string[], where: (name: string) => string): void {
  const owners = new Map<string, string>();
  for (const name of names) {
    const folder = mapFolder(kind, name);
    const other = owners.get(folder);
    if (other !== undefined)
      throw new UserMistake(
        `${where(name)}: '${other}' and '${name}' would both be written to ${kind === 'topics' ? 'yardstick' : 'glm'}/${folder}: give one of them another name.`,
      );
    owners.set(folder, name);
  }
}
