/** Names that an index exports, sorted, types as `type Name`. A typedef of JSDoc exports its name too. */
export function exportedNames(index: string): string[] {
  const lists = [...withoutComments(index).matchAll(/\bexport\s+(type\s+)?\{([^}]*)\}/g)];
  const typedefs = [...index.matchAll(/@typedef \{[^}]*\} (\w+)/g)].map(([, name]) => `type ${name}`);
  const names = lists.flatMap(([, types, list]) =>
    namesIn(list).map((name) => (types || isType(name) ? 'type ' : '') + withoutType(name).split(' as ').at(-1)),
  );
  return [...names, ...typedefs].sort();
}

/** Names that a file takes from other modules: by imports, re-exports, `await import`, JSDoc, and of `* as` what it uses. */
export function importedNames(text: string): { specifier: string; names: string[] }[] {
  const lists = /\b(?:import|export|const)\s+(?:type\s+)?\{([^}]*)\}\s*(?:from|=\s*await import\()\s*['"]([^'"]+)['"]/g;
  const members = /\bimport\(['"]([^'"]+)['"]\)\)?\.(\w+)/g;
  const spaces = /\bimport\s+\*\s+as\s+(\w+)\s+from\s+['"]([^'"]+)['"]/g;
  return [
    ...[...text.matchAll(lists)].map(([, list, specifier]) => ({
      specifier,
      names: namesIn(list).map((name) => withoutType(name).split(/\s+as\s+|:/)[0]),
    })),
    ...[...text.matchAll(members)].map(([, specifier, name]) => ({ specifier, names: [name] })),
    ...[...text.matchAll(spaces)].map(([, space, specifier]) => ({
      specifier,
      names: [...text.matchAll(new RegExp(`\\b${space}\\.(\\w+)`, 'g'))].map(([, name]) => name),
    })),
  ];
}

const namesIn = (list: string) =>
  withoutComments(list)
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
const isType = (name: string) => /^type\s/.test(name);
const withoutType = (name: string) => name.replace(/^type\s+/, '');
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
