import type { Site } from './raster-layout.js';

/**
 * The unit that a person means: `model.layers.3.fc1:7`, or a part of the site's path that no other site has, `3.fc1 7`. A sentence where it is none.
 */
export function findUnit<S extends Site>(
  sites: readonly S[],
  words: string,
): { site: S; unit: number } | { problem: string } {
  const [, path = '', number] = /^(.*?)(?:(?:\s*:\s*|\s+)(\d{1,9}))?\s*$/.exec(words.trim()) ?? [];
  const name = path.replace(/:\s*$/, '');
  if (name === '') return { problem: 'Write a site and a unit, as in layers.3.fc1:7.' };
  const exact = sites.find(({ site }) => site === name);
  const like = exact ? [exact] : sites.filter(({ site }) => site.endsWith(name));
  const found = like.length > 0 ? like : sites.filter(({ site }) => site.includes(name));
  if (found.length === 0) return { problem: `No site is called ${name}.` };
  if (found.length > 1)
    return { problem: `${found.length} sites are called so, such as ${found[0].site} and ${found[1].site}.` };
  const [site] = found;
  const unit = Number(number ?? 0);
  return unit < site.width ? { site, unit } : { problem: `${site.site} has units 0 to ${site.width - 1}.` };
}
