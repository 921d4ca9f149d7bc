import type { MapSite } from '@galvani/results';
import { Failure } from '@galvani/terminal';
import type { UnitSelection } from './view-types.js';

/**
 * A selection of units as a page sends it.
 *
 * @param sites of the study
 * @throws Failure where it is none, is empty, or the study has no such sites and units
 */
export function readSelection(body: Uint8Array, sites: readonly MapSite[]): UnitSelection {
  const selection = parsed(body);
  const widths = new Map(sites.map(({ site, width }) => [site, width]));
  const seen = new Set<string>();
  for (const { site, units, signs } of selection) {
    const width = widths.get(site);
    if (width === undefined || seen.has(site))
      throw new Failure(`The selection names ${site}, which is no site of this study or comes twice.`);
    seen.add(site);
    const isRising = units.every((unit, u) => unit > (u === 0 ? -1 : units[u - 1]) && unit < width);
    if (!isRising) throw new Failure(`The selection's units of ${site} have to rise, from 0 to ${width - 1}.`);
    if (signs.length !== units.length || !signs.every((sign) => sign === 1 || sign === -1))
      throw new Failure(`The selection has to say 1 or -1 of each unit of ${site}.`);
  }
  if (!selection.some(({ units }) => units.length > 0)) throw new Failure('The selection has no unit.');
  return selection;
}

function parsed(body: Uint8Array): UnitSelection {
  const wrong = new Failure('The selection is not a list of { site, units, signs }.');
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw wrong;
  }
  const whole = (values: unknown): values is number[] => Array.isArray(values) && values.every(Number.isInteger);
  const isPart = (each: UnitSelection[number] | null) =>
    typeof each?.site === 'string' && whole(each.units) && whole(each.signs);
  if (!Array.isArray(found) || !found.every(isPart)) throw wrong;
  return found as UnitSelection;
}
