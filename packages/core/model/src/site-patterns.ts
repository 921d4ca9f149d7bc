import { advised, UserMistake } from '@galvani/terminal';
import { liesInside, moduleOf, recordedByDefault, type Site } from './site.js';

/**
 * Globs over site names. Modules' outputs are meant and the hidden units of gated feed-forwards (`recordedByDefault`); what else lies inside modules is
 * included by a pattern that has a `#`. A pattern to exclude means what lies inside the modules it matches, too.
 */
export interface SitePatterns {
  include?: string[];
  exclude?: string[];
}

/**
 * Sites whose names match, in their order. `*` stands for any characters, dots too; `?` for one; `{a,b}` for either; `[0-9]`
 * for one of a set. A pattern that matches nothing is a mistake that names the nearest sites.
 */
export function selectSites(sites: readonly Site[], { include, exclude }: SitePatterns = {}): Site[] {
  const matching = (patterns: string[], namesOf: (site: Site, pattern: string) => string[]) => {
    const found = new Set<Site>();
    for (const pattern of patterns) {
      const expression = globExpression(pattern);
      const hits = sites.filter((site) => namesOf(site, pattern).some((name) => expression.test(name)));
      if (hits.length === 0) throw new UserMistake(noMatch(pattern, sites));
      for (const site of hits) found.add(site);
    }
    return found;
  };
  const included = (site: Site, pattern: string) => (recordedByDefault(site) || liesInside(pattern) ? [site.name] : []);
  const wanted = include && include.length > 0 ? matching(include, included) : new Set(sites.filter(recordedByDefault));
  const unwanted =
    exclude && exclude.length > 0 ? matching(exclude, ({ name }) => [name, moduleOf(name)]) : new Set<Site>();
  const chosen = sites.filter((site) => wanted.has(site) && !unwanted.has(site));
  if (chosen.length === 0)
    throw new UserMistake(
      `no site is left: ${JSON.stringify(exclude)} excludes all that ${JSON.stringify(include ?? ['*'])} includes.`,
    );
  return chosen;
}

/** A glob as a regular expression over the whole name. */
export function globExpression(pattern: string): RegExp {
  let source = '';
  let braces = 0;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '*') {
      while (pattern[i + 1] === '*') i++;
      source += '.*';
    } else if (c === '?') source += '.';
    else if (c === '[') {
      const end = pattern.indexOf(']', i + 2);
      if (end < 0) source += '\\[';
      else {
        const set = pattern
          .slice(i + 1, end)
          .replace(/\\/g, '\\\\')
          .replace(/^!/, '^')
          .replace(/\[/g, '\\[');
        source += `[${set}]`;
        i = end;
      }
    } else if (c === '{' && pattern.indexOf('}', i) > 0) {
      braces++;
      source += '(?:';
    } else if (c === '}' && braces > 0) {
      braces--;
      source += ')';
    } else if (c === ',' && braces > 0) source += '|';
    else source += c.replace(/[.+^$()|\\{}\]/]/g, '\\$&');
  }
  try {
    return new RegExp(`^${source}${')'.repeat(braces)}$`);
  } catch (cause) {
    throw new UserMistake(
      `the site pattern ${JSON.stringify(pattern)} is not a pattern: ${(cause as Error).message}.`,
      {
        cause,
      },
    );
  }
}

function noMatch(pattern: string, sites: readonly Site[]): string {
  const nearest = [...sites]
    .map(({ name }) => ({ name, distance: editDistance(pattern, name) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
  return `the site pattern ${JSON.stringify(pattern)} matches none of the model's ${sites.length} sites; the nearest are ${nearest.join(', ')}. \`${advised('sites')}\` lists all of them.`;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
