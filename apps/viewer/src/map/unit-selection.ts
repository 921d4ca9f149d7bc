import type { StudyView, UnitSelection } from '@galvani/view';

/**
 * Units of a map by site, as a mask of them is asked for.
 *
 * @param signs above 0, below 0, or 0 (and NaN) for units that are left out, [units]
 */
export function unitSelection({ sites }: Pick<StudyView, 'sites'>, signs: ArrayLike<number>): UnitSelection {
  return sites.flatMap(({ site, start, width }) => {
    const units = Array.from({ length: width }, (_, unit) => unit).filter((unit) => Math.abs(signs[start + unit]) > 0);
    return units.length > 0 ? [{ site, units, signs: units.map((unit) => Math.sign(signs[start + unit])) }] : [];
  });
}
