import { join } from 'node:path/posix';
import type { Source } from './packages.js';

/** Groups of sources of one package of which each imports all others, in one step or several; paths sorted. */
export function importCircles(sources: Pick<Source, 'path' | 'imports'>[]): string[][] {
  const targets = new Map(sources.map(({ path, imports }) => [path, imports.map((each) => resolved(path, each))]));
  const reached = new Map(sources.map(({ path }) => [path, reachableFrom(path, targets)]));
  const circles = sources.flatMap(({ path }) => {
    const others = [...reached.get(path)!].filter((other) => reached.get(other)?.has(path));
    return others.length > 0 ? [others.sort()] : [];
  });
  return [...new Map(circles.map((circle) => [circle[0], circle])).values()];
}

const resolved = (path: string, specifier: string) =>
  specifier.startsWith('.') ? join(path, '..', specifier).replace(/\.js$/, '.ts') : specifier;

function reachableFrom(path: string, targets: Map<string, string[]>): Set<string> {
  const reached = new Set<string>();
  const open = [...(targets.get(path) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(targets.get(next) ?? []));
  }
  return reached;
}
