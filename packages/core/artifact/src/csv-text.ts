/** CSV (RFC 4180) with LF, as other programs read it: a line, its line break included. */
export function csvLine(cells: readonly (string | number | boolean)[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

const csvCell = (value: string | number | boolean) =>
  typeof value === 'string' && /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value);
