/** What a model card says about the use of a model. */
export interface Licence {
  /** As the Hub spells it (`cc-by-nc-4.0`); undefined if the card names none. */
  id?: string;
  name?: string;
  link?: string;
}

/** Known licences that restrict what a person may do, in words. */
const restrictions: [RegExp, string][] = [
  [/^cc-by-nc/, 'non-commercial use only, with attribution'],
  [/^(openrail|bigscience|creativeml|bigcode)/, 'with restrictions on use'],
  [/^(llama|gemma)/, 'with an acceptable-use policy'],
];

/** Licence in a model card's metadata, or in the tags that the Hub derives from it. */
export function readLicence(card: unknown, tags: unknown): Licence {
  const { license, license_name, license_link } = (card ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' && value ? value.slice(0, 200) : undefined);
  const tag = Array.isArray(tags) ? tags.find((t) => typeof t === 'string' && t.startsWith('license:')) : undefined;
  const id = text(Array.isArray(license) ? license.join(', ') : license) ?? text(tag?.slice('license:'.length));
  return { id, name: text(license_name), link: text(license_link) };
}

/** A sentence for the person who runs a model. */
export function licenceNotice(repo: string, { id, name, link }: Licence): string {
  if (!id && !name) return `${repo} names no licence on its model card: ask its authors before you use or publish it.`;
  const spelled =
    id && id !== 'other'
      ? id
          .replace(/^cc-/, 'cc ')
          .replace(/-(?=\d)/, ' ')
          .toUpperCase()
      : (name ?? 'a licence of its own');
  const restriction = restrictions.find(([pattern]) => id && pattern.test(id))?.[1];
  const cc = id && /^cc-(by[a-z-]*)-(\d\.\d)$/.exec(id);
  const where = link ?? (cc ? `https://creativecommons.org/licenses/${cc[1]}/${cc[2]}/` : undefined);
  return `${repo} is under ${spelled}${restriction ? ` (${restriction})` : ''}${where ? `: ${where}` : ''}.`;
}
