import { UserMistake } from '@galvani/terminal';
import { type Site, whyFixed } from './site.js';
import { selectSites } from './site-patterns.js';

/** The kind of site that holds the hidden units of feed-forwards: the gated product, where a model's are gated, and else the activation. */
export const hiddenUnits = (sites: readonly { kind: string }[]): 'gated' | 'activation' =>
  sites.some(({ kind }) => kind === 'gated') ? 'gated' : 'activation';

/**
 * The sites inside a model that a person names by their kind or by a pattern. The head is none of them, as its units are the logits themselves, and what is computed beside the model.
 *
 * @param field where the name stands, as in `lesion.sites`
 * @param required whether there must be a site of a kind that is named; else there may be none
 * @throws UserMistake for a kind that the model has no site of, or a pattern that matches none
 */
export function namedSites<S extends { site: string; kind: string; layer: string; width: number }>(
  field: string,
  named: string,
  sites: readonly S[],
  required = true,
): S[] {
  const inside = sites.filter((site) => site.kind !== 'head' && whyFixed(site) === undefined);
  const ofKind = inside.filter(({ kind }) => kind === named);
  if (ofKind.length > 0 || !required) return ofKind;
  if (inside.length === 0)
    throw new UserMistake(
      `${field}: no site inside the model was recorded whose units could be changed: there is the head, whose units are the logits themselves, or what is computed beside the model. Record others (extraction.sites).`,
    );
  if (/^[a-z]+$/.test(named))
    throw new UserMistake(
      `${field}: the model has no sites of the kind '${named}' that were recorded. It has: ${[...new Set(inside.map(({ kind }) => kind))].join(', ')}; or name sites by a pattern such as '*.fc1'.`,
    );
  const chosen = selectSites(
    inside.map(({ site, kind, layer, width }): Site => ({ name: site, kind: kind as Site['kind'], layer, width })),
    { include: [named] },
  );
  return inside.filter(({ site }) => chosen.some(({ name }) => name === site));
}
