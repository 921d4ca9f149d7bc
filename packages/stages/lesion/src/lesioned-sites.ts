import { selectSites } from '@galvani/model';
import type { MapSite } from '@galvani/results';
import { UserMistake } from '@galvani/terminal';

/**
 * The sites that `lesion.sites` names: a kind of site, or a pattern. The head is none of them: its units are the logits themselves.
 *
 * @param required whether a person named it, who is told where there is none; else there are none
 * @throws UserMistake for a kind that the model has no site of, or a pattern that matches none
 */
export function lesionedSites(named: string, sites: readonly MapSite[], required = true): MapSite[] {
  const inside = sites.filter(({ kind }) => kind !== 'head');
  const ofKind = inside.filter(({ kind }) => kind === named);
  if (ofKind.length > 0 || !required) return ofKind;
  if (/^[a-z]+$/.test(named))
    throw new UserMistake(
      `lesion.sites: the model has no sites of the kind '${named}' that were recorded. It has: ${[...new Set(inside.map(({ kind }) => kind))].join(', ')}; or name sites by a pattern such as '*.fc1'.`,
    );
  const chosen = selectSites(
    inside.map(({ site, kind, layer, width }) => ({ name: site, kind: kind as 'linear', layer, width })),
    { include: [named] },
  );
  return inside.filter(({ site }) => chosen.some(({ name }) => name === site));
}
