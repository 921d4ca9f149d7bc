import { isAbsent } from './absent.js';

/** What differs between two plans, field by field: `newTokens: was 16, is 32`. The names of stages are not told, but of those that one of the plans leaves out. */
export function planDifferences(was: Record<string, unknown>, is: Record<string, unknown>): string[] {
  const found = new Set<string>();
  for (const stage of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const [had, has] = [was[stage], is[stage]].map((told) => !isAbsent(Object(told)));
    if (had !== has) {
      found.add(`${stage}: was ${had ? 'there' : 'left out'}, is ${has ? 'there' : 'left out'}`);
      continue;
    }
    const [before, now] = [leaves(was[stage]), leaves(is[stage])];
    for (const field of new Set([...before.keys(), ...now.keys()]))
      if (before.get(field) !== now.get(field))
        found.add(`${field || stage}: was ${shown(before.get(field))}, is ${shown(now.get(field))}`);
  }
  return [...found];
}

/** The values of an object by their dotted names, as JSON; a list is one value. */
function leaves(value: unknown, path: readonly string[] = []): Map<string, string> {
  if (value === undefined) return new Map();
  if (value === null || typeof value !== 'object' || Array.isArray(value) || Object.keys(value).length === 0)
    return new Map([[path.join('.'), JSON.stringify(value)]]);
  return new Map(Object.entries(value).flatMap(([key, own]) => [...leaves(own, [...path, key])]));
}

function shown(json: string | undefined): string {
  if (json === undefined) return 'not set';
  const text = json.startsWith('"') ? (JSON.parse(json) as string) : json;
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
