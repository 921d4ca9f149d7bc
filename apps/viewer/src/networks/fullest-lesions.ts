/** Of lesions of several kinds and doses those of the first kind at its largest dose; there is at least one. */
export function fullestLesions<Row extends Record<string, unknown>>(rows: readonly Row[]): Row[] {
  const own = rows.filter(({ sites, kind }) => sites === rows[0].sites && kind === rows[0].kind);
  const most = Math.max(...own.map(({ dose }) => Number(dose)));
  return own.filter(({ dose }) => Number(dose) === most);
}
